// What is used of kysely while a command runs: built as a file of its own, for it is three hundred.
export { Kysely, SqliteDialect } from 'kysely'
