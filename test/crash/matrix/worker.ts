// A thread that does pieces of the crash matrix, one after the other.
import { parentPort } from 'node:worker_threads'
import { doJob, type Job } from './jobs.ts'

parentPort?.on('message', (job: Job) => {
  void doJob(job).then(
    (result) => parentPort?.postMessage({ result }),
    (thrown: unknown) => parentPort?.postMessage({ problem: thrown instanceof Error ? thrown.stack : String(thrown) }),
  )
})
