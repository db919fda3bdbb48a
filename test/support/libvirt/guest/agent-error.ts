// What the guest agent answers when a command fails.
export class AgentError extends Error {
  override readonly name = 'AgentError'
}
