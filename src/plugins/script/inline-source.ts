// Decides what language a script written inside the blueprint is in, and takes its common indent away.
import { execFile } from 'node:child_process'
import { pythonChecker } from './workspace.ts'

/**
 * A first line `#!` decides by itself. Without one it is Python when Python can read it, as in Cloudify, and a shell
 * script otherwise.
 */
export async function inlineName(
  source: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly name: string; readonly text: string }> {
  const text = dedented(source)
  if (text.startsWith('#!')) return { name: 'inline-script', text }
  return { name: (await isPython(text, environment)) ? 'inline-script.py' : 'inline-script.sh', text }
}

/** False also when there is no Python here. */
function isPython(text: string, environment: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile('python3', [pythonChecker], { env: { ...environment } }, (error) => resolve(error === null))
    // It may end before it has read everything; its exit code tells.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(text)
  })
}

function dedented(source: string): string {
  const lines = source.replace(/^\s*\n/, '').split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0)
  const common = Math.min(...indents)
  return Number.isFinite(common) ? lines.map((line) => line.slice(common)).join('\n') : source
}
