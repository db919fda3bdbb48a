// Does jobs of the crash matrix on threads, as many at a time as there are.
import { Worker } from 'node:worker_threads'
import type { Job, JobResult } from './jobs.ts'

type Answer = { readonly result: JobResult } | { readonly problem: string }

export async function runJobs(
  jobs: readonly Job[],
  threads: number,
  onResult: (result: JobResult) => void = () => {},
): Promise<readonly JobResult[]> {
  const waiting = [...jobs]
  const results: JobResult[] = []
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./worker.ts', import.meta.url)))
  const work = async (worker: Worker): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const answer = await ask(worker, job)
      if ('problem' in answer) throw new Error(answer.problem)
      results.push(answer.result)
      onResult(answer.result)
    }
  }
  try {
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

function ask(worker: Worker, job: Job): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (answer: Answer) => {
      worker.off('error', reject)
      resolve(answer)
    })
    worker.postMessage(job)
  })
}
