// What comes back over HTTP, of bounded size, and what every provider reads out of it in the same way.
import type { Dispatcher } from 'undici'
import type { Duration } from '../../kernel/duration.ts'
import type { Json } from '../../kernel/json.ts'
import { tooLarge, type HttpCall, type NetworkFaultCodes } from './network-faults.ts'

export interface RawAnswer {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** What may come at most, and what it is called when more comes. */
export interface AnswerLimit {
  readonly largestAnswer: number
  readonly codes: NetworkFaultCodes
}

/** All of it. @throws Fault `codes.badAnswer` when it is too large */
export async function rawAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  call: HttpCall,
  limit: AnswerLimit,
): Promise<RawAnswer> {
  return { status: statusCode, headers: plainHeaders(headers), text: await boundedText(body, call, limit) }
}

async function boundedText(
  body: AsyncIterable<Uint8Array>,
  call: HttpCall,
  { largestAnswer, codes }: AnswerLimit,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > largestAnswer) throw tooLarge(codes, call, largestAnswer)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

/** null when it is none. */
export function jsonIn(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** Seconds or a time of day. Nobody waits longer than an hour for a server that says so. */
export function retryAfter(value: string | undefined, now: number): Duration | undefined {
  if (value === undefined || value.trim() === '') return undefined
  const length = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(length) && length > 0 ? Math.min(Math.round(length), 3_600_000) : undefined
}
