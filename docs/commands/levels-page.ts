import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beta } from '@joinery/protocol'
import type { Setting } from '../server/settings.ts'
import type { CommandPage } from './command-page.ts'

/** A page for people who use Joinery: its path in docs, and its text. */
interface UserPage {
  path: string
  text: string
}

/** All that has a level. */
export interface Levelled {
  /** The commands of each program, its own name first. */
  commands: readonly (readonly CommandPage[])[]
  /** The keys of each configuration, by the name of its file. */
  keys: Readonly<Record<string, readonly Setting[]>>
  pages: readonly UserPage[]
}

const docs = join(import.meta.dirname, '..')

/** Every page but those about how Joinery is made: decisions and how we write. */
export const userPages = (): UserPage[] =>
  globSync('{explanation,how-to,reference,tutorials}/*.md', { cwd: docs })
    .filter((path) => path !== 'reference/levels.md')
    .sort()
    .map((path) => ({ path, text: readFileSync(join(docs, path), 'utf8') }))

/** A page that is beta says so under its title. */
const isBetaPage = ({ text }: UserPage): boolean => /^# .*\n\n\*\*Beta\*\*: /m.test(text)

/** The page of docs/reference that says what stays as it is, made from the marks of commands, keys and pages. */
export const levelsPage = ({
  commands,
  keys,
  pages
}: Levelled): string => `<!-- Generated: node_modules/.bin/node docs/commands/main.ts -->
# Levels: what stays as it is

Every command, page and configuration key is **stable** or **beta**. One that is beta says so: in \`--help\`, in its manual, and under the
title of its page.

| level | promise |
|---|---|
| stable | it works for a year at least after a release has called it deprecated |
| beta | it may change or go in any minor version; the changelog says so, and what to do |

With a stable command its options, its exit codes and the fields that \`-o json\` prints are stable. Fields may be added, so a program must
pass over those that it does not know. Texts for people are no interface. The objects of \`joinery.dev\` carry their level in the name of
their version: \`v1beta1\` is beta. How far versions of the programs may differ is [a page of its own](../how-to/upgrade.md).

## How a stable thing goes

1. The changelog has it under Deprecated, and names what takes its place.
2. From that release on its help and its page say \`deprecated\` and the release. It works as before. A command says it on standard error, and
   the server logs it for a key.
3. It goes a year later at the earliest, in a minor version that is not the next one. The changelog has it under Removed.
4. A hole in security may be closed at once. The changelog then says what to do instead.

## Commands

| command | level |
|---|---|
${rows(commands.flat().map(({ name, summary }) => ({ name, isBeta: summary.endsWith(beta) })))}

## Configuration keys

${Object.entries(keys)
  .map(
    ([file, all]) =>
      `| key of \`${file}\` | level |\n|---|---|\n${rows(
        all.map(({ key, value }) => ({ name: key, isBeta: value.includes(beta) }))
      )}`
  )
  .join('\n\n')}

Of \`store\` only the value is beta that needs several servers: \`cluster\`.

## Pages

These are beta. Every other page is stable.

${pages
  .filter(isBetaPage)
  .map(({ path, text }) => `- [${/^# (.*)$/m.exec(text)?.[1]}](../${path})`)
  .join('\n')}
`

const rows = (all: readonly { name: string; isBeta: boolean }[]): string =>
  all.map(({ name, isBeta }) => `| \`${name}\` | ${isBeta ? '**beta**' : 'stable'} |`).join('\n')
