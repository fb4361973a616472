import type { Ci } from './ci.ts'
import { type Result, resultOf } from './log/result.ts'
import { play } from './play.ts'
import type { Step } from './steps.ts'

/** Runs all steps, in their rows, and shows what they print. A step that lacks what it needs is not run, which a line says. */
export const runSteps = async (ci: Ci): Promise<Result[]> => {
  const results: Result[] = []
  const lacks = ({ needs }: Step): boolean => results.some(({ script, isGreen }) => script === needs && !isGreen)
  for (const row of ci.rows) {
    for (const { script, needs } of row.filter(lacks)) ci.say(`${script} needs ${needs}: not run\n`)
    const [first, ...others] = row.filter((step) => !lacks(step))
    if (first === undefined || ci.signal.aborted) continue
    const beside = others.map((step) => runStep(ci, step, () => {}))
    if (ci.played[first.script] === undefined) ci.say(`== pnpm ${first.script}\n`)
    results.push(await runStep(ci, first, ci.say))
    for (const result of await Promise.all(beside)) {
      ci.say(`== pnpm ${result.script}\n${result.output}`)
      results.push(result)
    }
  }
  return results
}

const runStep = async (ci: Ci, step: Step, show: (text: string) => void): Promise<Result> => {
  const { root, signal, played, commandOf, env } = ci
  const { script } = step
  return resultOf(
    root,
    step,
    played[script] ?? (await play(commandOf(script), { cwd: root, env: env(), signal, show }))
  )
}
