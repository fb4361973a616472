import { type Finding, fail, pass, warn } from '../check/check.ts'
import { type Dialled, describeAnswer, describeProblems, remedies } from './endpoints.ts'

/**
 * Judges an endpoint by the outcome of dialling it. It passes if the endpoint can be used, and says which of its
 * addresses cannot.
 */
export const reachable = (dialled: Dialled, service: string): Finding => {
  const { answers, problems } = dialled
  if (answers.length === 0) return fail(describeProblems(dialled), ...remedies(dialled, service))
  // nobody tries an address of the other IP version, which this machine does not have
  const real = problems.filter(({ code }) => code !== 'ENETUNREACH')
  if (real.length === 0) return pass(describeAnswer(dialled))
  const some = { ...dialled, problems: real }
  return warn(`${describeAnswer(dialled)}, but ${describeProblems(some)}`, ...remedies(some, service))
}
