import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'

export interface ConfigProblem {
  /** 1-based line in the file; absent where a required key is missing. */
  line?: number
  text: string
}

export type ParsedConfig<T> = { value: T } | { problems: ConfigProblem[] }

/** Parses a YAML configuration by `schema`: the value with its defaults, or every problem at once with its line. */
export const parseConfig = <S extends TSchema>(schema: S, text: string): ParsedConfig<Static<S>> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, text: error.message }))
    }
  }
  const value = Value.Default(schema, document.toJS() ?? {})
  const problems: ConfigProblem[] = []
  for (const error of Value.Errors(schema, value)) {
    // the same unknown key again, as "schema is false"
    if (error.keyword === 'boolean') continue
    const path = error.instancePath.split('/').slice(1)
    const names = unknownKeys(error)
    for (const key of names.length > 0 ? names : [undefined]) {
      const where = key === undefined ? path : [...path, key]
      const offset = offsetOf(document.contents, where)
      problems.push({
        ...(offset === undefined ? {} : { line: lines.linePos(offset).line }),
        text: key === undefined ? `${where.join('.') || 'file'}: ${error.message}` : `${where.join('.')}: unknown key`
      })
    }
  }
  return problems.length > 0 ? { problems } : { value: value as Static<S> }
}

const unknownKeys = (error: { keyword: string; params: object }): string[] =>
  error.keyword === 'additionalProperties' && 'additionalProperties' in error.params
    ? (error.params.additionalProperties as string[])
    : []

/** Where in the text the key at `path` stands. */
const offsetOf = (contents: unknown, path: readonly string[]): number | undefined => {
  let node = contents
  let offset: number | undefined
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
    if (pair === undefined) return offset
    offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset
    node = pair.value
  }
  return offset
}

/** Every problem in one list, for a person: `agent.yaml:3: server: ...`. */
export const describeProblems = (file: string, problems: readonly ConfigProblem[]): string =>
  problems.map(({ line, text }) => `${file}${line === undefined ? '' : `:${line}`}: ${text}`).join('\n')
