import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentConfig } from '@joinery/agent/testing/program'
import { beta } from '@joinery/protocol'
import { ServerConfig } from '@joinery/server/testing/config'
import t from 'tap'
import { withCommands } from '../../docs/commands/command-page.ts'
import { isBetaPage, levelsPage, userPages } from '../../docs/commands/levels-page.ts'
import { programs } from '../../docs/commands/programs.ts'
import { settings } from '../../docs/server/settings.ts'
import { root } from './pages.ts'

const { joinery, agent, server } = programs()
const commands = [joinery, agent, server].flatMap(({ page }) => withCommands(page))
const keys = [...settings(ServerConfig), ...settings(AgentConfig)]
const page = readFileSync(join(root, 'docs/reference/levels.md'), 'utf8')

t.test('every command and every key has a level', async (t) => {
  const named = [...page.matchAll(/^\| `([^`]+)` \| (stable|\*\*beta\*\*) \|$/gm)].map(([, name]) => name).sort()
  t.same(named, [...commands.map(({ name }) => name), ...keys.map(({ key }) => key)].sort())
})

t.test('a command below one that is beta is beta too', async (t) => {
  const betas = commands.filter(({ summary }) => summary.endsWith(beta)).map(({ name }) => name)
  t.ok(betas.length > 0)
  const below = commands.filter(({ name }) => betas.some((one) => name.startsWith(`${one} `)))
  t.same(
    below.filter(({ summary }) => !summary.endsWith(beta)).map(({ name }) => name),
    []
  )
})

t.test('nothing says that it is beta in other words than the mark', async (t) => {
  const said = [...commands.map(({ summary }) => summary), ...keys.map(({ value }) => value)]
  t.same(
    said.filter((text) => /\bbeta\b/i.test(text.replace(beta, ''))),
    []
  )
  const marked = userPages().filter(({ text }) => text.includes('**Beta**'))
  t.ok(marked.length > 0)
  for (const one of marked) {
    t.ok(isBetaPage(one), `${one.path} says so under its title`)
    t.match(one.text, /\*\*Beta\*\*: .*levels\.md\)/, `${one.path} leads to the page of levels`)
  }
})

t.test('a thing that loses its mark is promised from then on', async (t) => {
  const [first] = commands
  const made = (summary: string) => levelsPage({ commands: [[{ ...first, summary } as never]], keys: {}, pages: [] })
  t.match(made(`do it ${beta}`), /^\| `joinery` \| \*\*beta\*\* \|$/m)
  t.match(made('do it'), /^\| `joinery` \| stable \|$/m)
})
