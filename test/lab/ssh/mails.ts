// The lab's mail server as tests see it: how to log in to it, and what it has kept.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { state } from './lab.ts'

/** For `fermata mail settings`: over TLS, with the password out of a secret of this name. */
export const mailServerOptions = (secret: string): readonly string[] => {
  const server = ['--server', '127.0.0.1', '--port', '2525', '--ca', join(state, 'smtp-ca.pem')]
  return [...server, '--from', 'f@example.com', '--user', 'lab', '--password-secret', secret]
}

/** How often the server has a mail with this message id. */
export async function copies(messageId: string): Promise<number> {
  const folder = join(state, 'maildir/new')
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'))
  return (await Promise.all(texts)).filter((text) => text.includes(messageId)).length
}
