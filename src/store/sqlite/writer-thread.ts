// The writing thread: waits for the disk so that the engine's thread does not have to.
import { parentPort, workerData } from 'node:worker_threads'
import type { Write } from '../store.ts'
import { openDatabase } from './database.ts'
import { GroupWriter } from './group-writer.ts'

const { path } = workerData as { path: string }
const database = openDatabase(path)
const writer = new GroupWriter(database)

parentPort?.on('message', (groups: readonly (readonly Write[])[] | 'close') => {
  if (groups === 'close') {
    database.close()
    parentPort?.close()
  } else {
    parentPort?.postMessage(writer.apply(groups))
  }
})
