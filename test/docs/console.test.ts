import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveOperators } from '@joinery/testing/command/operators'
import { startConsole } from '@joinery/testing/console/open-console'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/console.md'), 'utf8')

t.test('each command of the page serves a console', async (t) => {
  const { socket } = await serveOperators(t, {})
  for (const command of readmeCommands(page, 'serve')) {
    const [, verb, ...options] = command.trim().split(/\s+/)
    t.equal(verb, 'console')
    const { link, end } = await startConsole(t, ['--socket', socket], {}, options)
    t.match(link, /^http:\/\/joinery-\w+\.localhost:\d+\/enter\//)
    if (options.includes('8443')) t.match(link, ':8443/')
    t.match(await end(), { exitCode: 0, err: /good once, for 10 minutes/ })
  }
})
