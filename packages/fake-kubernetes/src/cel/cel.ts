import { Environment, EvaluationError } from '@marcbachmann/cel-js'

/** Makes an environment with the function of Kubernetes that the library lacks and definitions or policies use (apiserver, cel/library). */
export const kubernetesCel = (): Environment =>
  new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, enableOptionalTypes: true })
    // not in the turn of an async function
    .registerFunction('string.charAt(int): string', charAt, { async: false })

const charAt = (text: string, index: bigint): string => {
  if (index < 0n || index > BigInt(text.length)) throw new EvaluationError(`index out of range: ${index}`)
  return text.charAt(Number(index))
}

/** A JSON value as CEL sees it: a whole number is an integer. */
export const toCel = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toCel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toCel(one)]))
}

/** Words of an error in CEL as the API server has them: `no such key: role`. */
export const celWords = (error: unknown): string => {
  const words =
    error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error)
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`
}
