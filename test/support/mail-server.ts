// An SMTP server in the test's process: keeps what it takes, and refuses as it is told.
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface TakenMail {
  readonly to: string
  readonly raw: string
}

export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly taken: TakenMail[]
  /** Address -> reply codes, one for each attempt; then it is taken. */
  readonly refusals: Map<string, number[]>
  /** Called when a mail has come whole, before it is acknowledged. */
  onWhole: (() => Promise<void>) | undefined
}

export interface MailServerOptions {
  readonly user?: { readonly name: string; readonly password: string }
  readonly certificate?: { readonly key: string; readonly cert: string }
}

export async function mailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { user, certificate } = options
  const taken: TakenMail[] = []
  const refusals = new Map<string, number[]>()
  const state: { onWhole: MailServer['onWhole'] } = { onWhole: undefined }
  const server = new SMTPServer({
    ...certificate,
    disabledCommands: [...(user ? [] : ['AUTH' as const]), ...(certificate ? [] : ['STARTTLS' as const])],
    authOptional: user === undefined,
    onAuth(auth, _session, done) {
      if (auth.username === user?.name && auth.password === user?.password) done(null, { user: auth.username })
      else done(new Error('wrong'))
    },
    onRcptTo({ address }, _session, done) {
      const code = refusals.get(address)?.shift()
      done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }))
    },
    onData(stream, session, reply) {
      const take = async (): Promise<void> => {
        const raw = await text(stream)
        for (const { address } of session.envelope.rcptTo) taken.push({ to: address, raw })
        await state.onWhole?.()
      }
      void take().then(() => reply())
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    refusals,
    get onWhole() {
      return state.onWhole
    },
    set onWhole(value) {
      state.onWhole = value
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
