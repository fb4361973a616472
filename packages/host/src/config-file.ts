import { readFile } from 'node:fs/promises'
import Type, { type Static, type TSchema, type TStringOptions } from 'typebox'
import { Value } from 'typebox/value'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { CommandEnd, commonCodes } from './command-end.ts'
import { systemFailure } from './text/failure.ts'

export interface ConfigProblem {
  /** 1-based line in the file. Absent if a required key is missing. */
  line?: number
  text: string
}

/** A configuration that cannot be used; the message lists every problem with its line. */
export class ConfigError extends CommandEnd {
  constructor(causes: string | readonly string[], remedy?: string) {
    super(commonCodes.usage, causes, remedy)
  }
}

/** The remedies for a file that is not there, and for one that is wrong. */
export interface ConfigRemedies {
  missing: string
  wrong: string
}

/** Reads a program's YAML configuration by `schema`. Throws ConfigError. */
export const readConfig = async <S extends TSchema>(
  schema: S,
  file: string,
  remedies: ConfigRemedies
): Promise<Static<S>> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new ConfigError(`there is no ${file}`, remedies.missing)
    const { cause, remedy } = systemFailure(error) ?? { cause: error.message }
    throw new ConfigError(cause, remedy)
  })
  const parsed = parseConfig(schema, text)
  if ('problems' in parsed) throw new ConfigError(describeProblems(file, parsed.problems), remedies.wrong)
  return parsed.value
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
  const problems = Value.Errors(schema, value).flatMap((error): ConfigProblem[] => {
    const path = error.instancePath.split('/').slice(1)
    return inWords(error).map(({ key, says }) => {
      const where = key === undefined ? path : [...path, key]
      const offset = offsetOf(document.contents, where)
      return {
        ...(offset === undefined ? {} : { line: lines.linePos(offset).line }),
        text: `${where.join('.') || 'the file'}: ${says}`
      }
    })
  })
  return problems.length > 0 ? { problems: problems.toSorted(byLine) } : { value: value as Static<S> }
}

/**
 * Schema of a text whose form `expected` says in words. A person who gets it wrong reads these words, and no pattern.
 */
export const textLike = (expected: string, fits: (text: string) => boolean, options: TStringOptions = {}) =>
  Type.Refine(
    Type.String(options),
    (text) => typeof text !== 'string' || fits(text),
    () => `must be ${expected}`
  )

interface SchemaError {
  keyword: string
  params: object
  message: string
}

/** A schema error in words. `key` is set if the error is about a key below the place of the error. */
const inWords = ({ keyword, params, message }: SchemaError): { key?: string; says: string }[] => {
  const given = params as Record<string, unknown>
  switch (keyword) {
    // the same unknown key again, as "schema is false"
    case 'boolean':
      return []
    case 'additionalProperties':
      return (given.additionalProperties as string[]).map((key) => ({ key, says: 'unknown key' }))
    case 'required':
      return (given.requiredProperties as string[]).map((key) => ({ key, says: 'is missing' }))
    case 'enum':
      return [{ says: `must be ${(given.allowedValues as unknown[]).join(' or ')}` }]
    case 'type':
      return [{ says: `must be ${typeWords[String(given.type)] ?? `of type ${given.type}`}` }]
    default:
      return [{ says: message }]
  }
}

const typeWords: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values'
}

/** Orders problems by their line. Problems about something missing have no line and come last. */
const byLine = (a: ConfigProblem, b: ConfigProblem): number => (a.line ?? Infinity) - (b.line ?? Infinity) || 0

/** Offset in the text of the key at `path`, or of the nearest key above it that is there. */
const offsetOf = (contents: unknown, path: readonly string[]): number | undefined => {
  let node = contents
  let offset: number | undefined
  for (const key of path) {
    if (isSeq(node)) {
      const item = node.items[Number(key)]
      offset = rangeOf(item)?.[0] ?? offset
      node = item
      continue
    }
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
    if (pair === undefined) return offset
    offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset
    node = pair.value
  }
  return offset
}

/** The range of a node of the document in its text. */
const rangeOf = (node: unknown): readonly number[] | undefined =>
  isMap(node) || isScalar(node) || isSeq(node) ? (node.range ?? undefined) : undefined

/** Every problem for a person, a line each: `agent.yaml:3: server: ...`. */
export const describeProblems = (file: string, problems: readonly ConfigProblem[]): string[] =>
  problems.map(({ line, text }) => `${file}${line === undefined ? '' : `:${line}`}: ${text}`)
