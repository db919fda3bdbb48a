// docs/reference/blueprint-schema.json: the language as JSON Schema, for editors.
import { languageSchema } from '../../src/blueprint/language-schema.ts'

export function blueprintSchemaPage(): string {
  return `${JSON.stringify(languageSchema(), null, 2)}\n`
}
