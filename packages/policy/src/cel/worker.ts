import { parentPort, workerData } from 'node:worker_threads'
import { Compiler } from './compile.ts'
import { type Answer, type Outcome, type Request, watched } from './messages.ts'

/** The thread that evaluates expressions. It has nothing but them: no file, no environment, no connection. */
const clock = workerData as BigInt64Array
let compiler = new Compiler({})

const answer = (request: Request): Answer => {
  if ('compile' in request) {
    const { expressions, inventories } = request.compile
    compiler = new Compiler(inventories)
    const compiled = expressions.map((expression, number) => timed(number, () => compiler.add(expression)))
    return { compiled }
  }
  return { outcome: firstOf(request.evaluate) }
}

/** Does the work on one expression while the one who waits can see since when. */
const timed = <T>(number: number, work: () => T): T => {
  Atomics.store(clock, watched.number, BigInt(number))
  const { user, system } = process.threadCpuUsage()
  Atomics.store(clock, watched.processor, BigInt(user + system))
  Atomics.store(clock, watched.began, process.hrtime.bigint())
  const result = work()
  Atomics.store(clock, watched.began, 0n)
  return result
}

const firstOf = ({ numbers, evidence }: Extract<Request, { evaluate: unknown }>['evaluate']): Outcome => {
  for (const number of numbers) {
    const result = timed(number, () => compiler.evaluate(number, evidence))
    if ('failed' in result) return { number, failed: result.failed }
    if (result.is) return { number }
  }
  return undefined
}

parentPort?.on('message', (request: Request) => parentPort?.postMessage(answer(request)))
