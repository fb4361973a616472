import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beta } from '@joinery/protocol'
import t from 'tap'
import { commandPage, withCommands } from '../../docs/commands/command-page.ts'
import { commandPages, manPages } from '../../docs/commands/pages.ts'
import { programs } from '../../docs/commands/programs.ts'
import { roffLines, roffProse, roffText } from '../../docs/commands/roff.ts'

const reference = join(import.meta.dirname, '../../docs/reference')
const release = { version: '0.1.0', date: '2026-11-25' }

for (const [name, text] of Object.entries(commandPages())) {
  t.test(`docs/reference/${name} is as the commands make it`, async (t) => {
    const written = readFileSync(join(reference, name), 'utf8')
    t.equal(written, text, 'else run: node_modules/.bin/node docs/commands/main.ts')
  })
}

t.test('each command of each program is described: in the reference, and in the manual', async (t) => {
  const { joinery, agent, server } = programs()
  const pages = manPages(release)
  const text = (part: keyof typeof pages, file: string) => pages[part].find((page) => page.file === file)?.text ?? ''
  const commands = withCommands(joinery.page)
  t.ok(commands.length > 20)
  for (const { name, summary, options } of commands) {
    const page = text('joinery', `${name.replaceAll(' ', '-')}.1`)
    t.match(page, `\\- ${roffText(summary)}\n`, name)
    for (const { term } of options) t.match(page, `\\fB${roffText(term)}\\fP`, `${name} ${term}`)
    t.match(commandPages()['cli.md'], `# ${name}\n`, name)
  }
  for (const [part, program, reference] of [
    ['agent', agent, 'cli-agent.md'],
    ['server', server, 'cli-server.md']
  ] as const) {
    const page = text(part, `joinery-${part}.8`)
    for (const { name, options } of program.page.commands) {
      t.match(page, `.SS ${roffText(name)}\n`, name)
      for (const { term } of options) t.match(page, `\\fB${roffText(term)}\\fP`, `${name} ${term}`)
      t.match(commandPages()[reference], `# ${name}\n`, name)
    }
    t.match(text(part, `joinery-${part}.yaml.5`), '\\fBapiEndpoint\\fP', `${part}.yaml`)
  }
})

t.test('a program has its exit codes, and no command that only units run', async (t) => {
  const { joinery, agent, server } = programs()
  t.same(
    joinery.page.exitCodes.map(({ term }) => term),
    ['0', '1', '2', '3', '4', '5', '6', '7', '130']
  )
  t.same(agent.page.exitCodes.at(-1), { term: '4', description: 'not known yet: the same command later' })
  t.equal(server.page.exitCodes.length, 3)
  t.notOk(agent.page.commands.some(({ name }) => name.endsWith('mend')))
})

t.test(
  'every page of the manual begins as man and apropos want it, and none has a line that is no instruction',
  async (t) => {
    for (const { file, text } of Object.values(manPages(release)).flat()) {
      const name = file.replace(/\.\d$/, '')
      t.match(text, `.SH NAME\n${roffText(name)} \\- `, file)
      t.match(text, ` 2026-11-25 "Joinery 0.1.0" Joinery\n`, file)
      const instructions = text.split('\n').flatMap((line) => /^[.'](\S*)/.exec(line)?.[1] ?? [])
      const known = ['\\"', 'TH', 'SH', 'SS', 'PP', 'TP', 'RS', 'RE', 'nf', 'fi', 'br']
      t.same(
        instructions.filter((one) => !known.includes(one)),
        [],
        file
      )
    }
  }
)

t.test('no text becomes an instruction of roff, and each is printed as it is', async (t) => {
  for (const [text, roff] of [
    ['.so /etc/passwd', '\\&.so /etc/passwd'],
    ["'br", '\\(aqbr'],
    ['a\\fBb', 'a\\(rsfBb'],
    ['--yes', '\\-\\-yes'],
    ['one\n.SH two', 'one .SH two'],
    ['`it\'s` ~ ^ "', '\\(gait\\(aqs\\(ga \\(ti \\(ha \\(dq'],
    ['é → 😀', '\\[u00E9] \\[u2192] \\[u1F600]']
  ] as const) {
    t.equal(roffText(text), roff, text)
  }
  t.equal(roffProse('use `auto N`, or'), 'use \\fBauto N\\fP, or')
  t.equal(roffProse('`.so` first'), '\\fB\\&.so\\fP first')
  t.match(roffLines(['.so x   why', '  a  b']), '\n\\&.so x   why\na  b\n')
})

t.test('a command below one that is beta is beta too', async (t) => {
  const { joinery, agent, server } = programs()
  const commands = [joinery, agent, server].flatMap(({ page }) => withCommands(page))
  const betas = commands.filter(({ summary }) => summary.endsWith(beta)).map(({ name }) => name)
  t.ok(betas.length > 0)
  const below = commands.filter(({ name }) => betas.some((one) => name.startsWith(`${one} `)))
  t.same(
    below.filter(({ summary }) => !summary.endsWith(beta)).map(({ name }) => name),
    []
  )
})

t.test('a command whose help does not begin with examples has no page', async (t) => {
  const bare = {
    name: () => 'bare',
    description: () => 'do it',
    summary: () => '',
    parent: null,
    configureOutput: () => {},
    outputHelp: () => {},
    helpInformation: () => '',
    createHelp: () => {
      throw new Error('not asked')
    }
  }
  t.throws(() => commandPage(bare), { message: 'the help of bare does not begin with examples' })
})
