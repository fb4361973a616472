import { isDeepStrictEqual } from 'node:util'
import { parse, type TomlTable, type TomlValue } from 'smol-toml'
import { arrayParts, type Span, type Statement, tomlStatements, unquote } from './toml-statements.ts'

export type Edited = { text: string } | { problem: string }

/** The plugin that keeps the runtimes of the CRI, by the version of the file's format. */
const pluginOf: Record<number, string> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.runtime',
  4: 'io.containerd.cri.v1.runtime'
}

/** Plugins that switch the CRI off if disabled_plugins names one of them. */
export const criPlugins: readonly string[] = [
  'cri',
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.runtime',
  'io.containerd.cri.v1.images'
]

/** The shims of runc, whose options know the cgroup driver. */
const runcTypes: readonly unknown[] = ['io.containerd.runc.v2', 'io.containerd.runc.v1']

/**
 * Edits containerd's configuration: the CRI on, and the systemd cgroup driver for each runc runtime. Comments and
 * order stay. If all that is so already, the text stays the same. An empty text, for a machine without a file,
 * becomes one of the second version, which containerd reads from 1.3 on. The result is a problem, in words, if the
 * text cannot be edited surely. The edited text is read again, and nothing else may be different.
 */
export const editConfig = (text: string): Edited => {
  try {
    const before = parse(text)
    const start = usableVersion(text, before)
    const edited = withSystemdCgroup(withCri(start))
    // clones, as the parser's tables have no prototype
    const [got, wanted] = structuredClone([parse(edited), wantedConfig(parse(start))])
    return isDeepStrictEqual(got, wanted) ? { text: edited } : { problem: 'it is written in an unusual way' }
  } catch (error) {
    return { problem: (error as Error).message.split('\n')[0] as string }
  }
}

/**
 * The text with a version that containerd reads. A file without a version is of the first, whose runtimes containerd
 * 2.0 and 2.1 do not read. If a file says only what both versions mean alike, it may as well be of the second.
 * Docker's file, which only switches the CRI off, is of this kind.
 */
const usableVersion = (text: string, config: TomlTable): string => {
  const plain = ['root', 'state', 'disabled_plugins']
  if (config.version !== undefined || Object.keys(config).some((key) => !plain.includes(key))) return text
  const others = stringsIn(config.disabled_plugins).filter((name) => !criPlugins.includes(name))
  if (others.length > 0) return text
  const first = tomlStatements(text)[0]?.key[0] ?? text.length
  const line = `version = 2${endOfLine(text)}`
  if (first < text.length || text === '' || text.endsWith('\n')) return text.slice(0, first) + line + text.slice(first)
  return text + endOfLine(text) + line
}

const versionOf = (config: TomlTable): number => {
  const { version = 1 } = config
  if (typeof version !== 'number' || !(version in pluginOf)) {
    throw new Error(`version ${String(version)} of its format is not known`)
  }
  return version
}

/** The configuration that the edited text must have. */
const wantedConfig = (config: TomlTable): TomlTable => {
  if (stringsIn(config.disabled_plugins).some((name) => criPlugins.includes(name))) {
    config.disabled_plugins = stringsIn(config.disabled_plugins).filter((name) => !criPlugins.includes(name))
  }
  const runtimes = tableAt(config, runtimesPath(config))
  if (runtimes.runc === undefined) runtimes.runc = { runtime_type: runcTypes[0] as string }
  for (const name of runcRuntimes(runtimes)) tableAt(runtimes, [name, 'options']).SystemdCgroup = true
  return config
}

const withCri = (text: string): string => {
  const list = tomlStatements(text).find(({ kind, path }) => kind === 'pair' && isPath(path, ['disabled_plugins']))
  if (list?.value === undefined) return text
  const parts = arrayParts(text, list.value)
  const index = parts.findIndex(
    ({ kind, span }) => kind === 'string' && criPlugins.includes(unquote(text.slice(...span)))
  )
  const part = parts[index]
  if (part === undefined) return text
  const [next, previous] = [parts[index + 1], parts[index - 1]]
  if (next?.kind === 'comma') return withCri(cut(text, [part.span[0], blanksEnd(text, next.span[1])]))
  if (previous?.kind !== 'comma') return withCri(cut(text, part.span))
  const between = text.slice(previous.span[1], part.span[0])
  // a comment between the two stays
  return withCri(text.slice(0, previous.span[0]) + (between.trim() && between) + text.slice(part.span[1]))
}

const withSystemdCgroup = (text: string): string => {
  const config = parse(text)
  const path = runtimesPath(config)
  const runtimes = tableAt(config, path)
  const known = runtimes.runc === undefined ? appendRunc(text, versionOf(config)) : text
  return runcRuntimes(runtimes).reduce((edited, name) => setSystemdCgroup(edited, [...path, name]), known)
}

/**
 * Names of the file's runtimes that runc's shim serves. containerd leaves out a runtime without a type, unless its
 * name is runc.
 */
const runcRuntimes = (runtimes: TomlTable): string[] =>
  Object.keys(runtimes).filter((name) => {
    const { runtime_type: type } = tableAt(runtimes, [name])
    return runcTypes.includes(type) || (name === 'runc' && type === undefined)
  })

const runtimesPath = (config: TomlTable): string[] => [
  'plugins',
  pluginOf[versionOf(config)] as string,
  'containerd',
  'runtimes'
]

/** Sets SystemdCgroup in the options of one runtime. `runtime` is the path of its table. */
const setSystemdCgroup = (text: string, runtime: readonly string[]): string => {
  const statements = tomlStatements(text)
  const options = [...runtime, 'options']
  const find = (kind: Statement['kind'], path: readonly string[]): Statement | undefined =>
    statements.find((one) => one.kind === kind && isPath(one.path, path))
  const written = find('pair', [...options, 'SystemdCgroup'])
  if (written?.value !== undefined) return replace(text, written.value, 'true')
  const header = find('table', options)
  if (header !== undefined) return insertLine(text, header, statements, 'SystemdCgroup = true')
  const dotted = statements.find(({ kind, path }) => kind === 'pair' && isPath(path.slice(0, -1), options))
  if (dotted !== undefined) {
    const prefix = text.slice(dotted.key[0], dotted.name[0])
    return insertAfterLine(
      text,
      (dotted.value as Span)[1],
      `${indentAt(text, dotted.key[0])}${prefix}SystemdCgroup = true`
    )
  }
  const table = find('table', runtime)
  if (table === undefined) throw new Error(`${runtime.at(-1)} is written in an unusual way`)
  const indent = indentAt(text, table.key[0])
  const lines = [`${indent}  [${text.slice(...table.key)}.options]`, `${indent}    SystemdCgroup = true`]
  return insertAfterLine(text, bodyEnd(table, statements), lines.join(endOfLine(text)))
}

/** Inserts a line below a header, indented like the line that comes next. */
const insertLine = (text: string, header: Statement, statements: readonly Statement[], line: string): string => {
  const next = statements[statements.indexOf(header) + 1]
  const indent = next?.kind === 'pair' ? indentAt(text, next.key[0]) : `${indentAt(text, header.key[0])}  `
  return insertAfterLine(text, header.key[1], indent + line)
}

/** Offset of the end of the last statement that belongs to a table. */
const bodyEnd = (table: Statement, statements: readonly Statement[]): number => {
  const after = statements.slice(statements.indexOf(table) + 1)
  const length = after.findIndex(({ kind }) => kind !== 'pair')
  return (after.slice(0, length === -1 ? undefined : length).at(-1)?.value ?? table.key)[1]
}

const appendRunc = (text: string, version: number): string => {
  const eol = endOfLine(text)
  const gap = text === '' || text.endsWith('\n') ? '' : eol
  return `${text}${gap}${runcTables(version, eol)}`
}

const runcTables = (version: number, eol: string): string => {
  const plugin = pluginOf[version] as string
  const runc = `plugins.${plugin.includes('.') ? `"${plugin}"` : plugin}.containerd.runtimes.runc`
  const lines = [
    '',
    `[${runc}]`,
    '  # the driver that the kubelet uses; set by joinery-agent',
    `  runtime_type = "${runcTypes[0]}"`,
    `  [${runc}.options]`,
    '    SystemdCgroup = true',
    ''
  ]
  return lines.join(eol)
}

/** The table at `path`, which is made if it is absent. Throws if something else stands there. */
const tableAt = (config: TomlTable, path: readonly string[]): TomlTable => {
  let table = config
  for (const key of path) {
    table[key] ??= {}
    const next: unknown = table[key]
    if (typeof next !== 'object' || Array.isArray(next) || next instanceof Date) throw new Error(`${key} is no table`)
    table = next as TomlTable
  }
  return table
}

const stringsIn = (value: TomlValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const isPath = (one: readonly string[], other: readonly string[]): boolean => isDeepStrictEqual(one, other)

const endOfLine = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n')

const cut = (text: string, span: Span): string => replace(text, span, '')
const replace = (text: string, [from, to]: Span, by: string): string => text.slice(0, from) + by + text.slice(to)

const blanksEnd = (text: string, from: number): number => from + (/^[ \t]*/.exec(text.slice(from))?.[0].length ?? 0)

/** Blanks before the statement whose key begins at `at`. */
const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? ''

/** Inserts `line` after the line that contains offset `at`. */
const insertAfterLine = (text: string, at: number, line: string): string => {
  const eol = endOfLine(text)
  const end = text.indexOf('\n', at)
  if (end === -1) return `${text}${eol}${line}`
  return `${text.slice(0, end + 1)}${line}${eol}${text.slice(end + 1)}`
}
