import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '@joinery/host/text/shell-word'
import { program } from '@joinery/testing/processes/program'
import t from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { rows } from '../ci/steps.ts'
import { allCommands, readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'
import { Shell } from './shell.ts'

// two runs of the demo, each with a wait of ten seconds, on a machine that has more to do
t.setTimeout(240_000)

const pnpm = `npx -y ${packageJson.packageManager}`
const page = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = page('README.md')
const tutorial = allCommands(page('docs/tutorials/demo.md'))
/** The question of the tutorial, and the answer that the tutorial shows. */
const why = 'joinery why edge-4'
const [, answered = 'no answer'] =
  /^joinery why edge-4\n```[^`]+```text\n([^`]+)```$/m.exec(page('docs/tutorials/demo.md')) ?? []
const daily = allCommands(page('docs/how-to/day-to-day.md'))

/** Commands that need root, a cluster or minutes are run by others: installation and agent on machines, and what CI is. */
const install = ['repository', 'install'].flatMap((block) => readmeCommands(readme, block))
const agent = readmeCommands(readme, 'agent')
const cluster = readmeCommands(readme, 'cluster')
const ci = ['check', ...rows.flat().map(({ script }) => script), 'test:long']

/**
 * The words of a shell in which npx is quick. It runs the pnpm that the real npx finds, which needs two seconds of
 * processor time each time.
 */
const quickNpx = async (): Promise<string> => {
  const { output } = await new Shell(`npx -y --package=${packageJson.packageManager} -c 'command -v pnpm'`).ended
  // npm may have news to tell beside it
  const [found = 'no pnpm'] = /^\/.*\/pnpm$/m.exec(output) ?? []
  return `npx() { [ "$1 $2" = '-y ${packageJson.packageManager}' ] && shift 2 && ${shellWord(found)} "$@"; }`
}

const npx = await quickNpx()
const demo = new Shell(`${pnpm} demo`, npx)
const once = new Shell(`${pnpm} demo --once`, npx)
t.teardown(async () => {
  for (const shell of [once, demo]) shell.interrupt()
  await Promise.all([once.ended, demo.ended])
})
const started = demo.says(/^ {2}rm .*swap$/m)
const folder = started.then((output) => /\S+joinery-demo(-\w+)?(?=;)/.exec(output)?.[0] ?? '')

t.test('the commands of the tutorial work, one after the other', async (t) => {
  const [start, alias = '', ...commands] = tutorial
  t.equal(start, demo.command)
  t.equal(commands.pop(), once.command)
  // as printed, unless this machine has such a folder already
  const here = async (text: string) => text.replaceAll('/tmp/joinery-demo', await folder)
  const [, joinery] = /^alias joinery='(.*)'$/.exec(await here(alias)) ?? []
  t.match(await started, `\n  ${joinery} approve edge-2\n`, 'the demo prints the whole command')
  t.match(await started, `\n  ${await here('rm /tmp/joinery-demo/edge-3/swap')}\n`)
  for (const command of commands) {
    const answer = asks(command) ? 'y' : undefined
    // a newcomer asks when the demo says so
    if (command === why) t.match(await demo.says(/why edge-4$/m), `\n  ${joinery} why edge-4\n`)
    const { code, output } = await new Shell(await here(command), `${npx}\n${await here(alias)}`, answer).ended
    t.equal(code, 0, command, { output })
    // what could be taken for a real cluster, or a real machine, says that it is none
    if (/joinery (status|show|why)/.test(command)) t.match(output, '(rehearsal)', command)
    if (command === why) t.match(output, shortened(answered), 'the tutorial shows the answer')
  }
  await demo.says(/All are Ready/)
})

t.test('the commands of every day, and those of the README, work', async (t) => {
  // the tutorial runs it from its sources
  const cli = program('packages/cli/src/main.ts')
  const joinery = `joinery() { '${process.execPath}' '${cli}' --socket '${await folder}/operator.sock' "$@"; }`
  const created = await new Shell('joinery code create -o json', joinery).ended
  const { id } = JSON.parse(created.output) as { id: string }
  for (const command of [...daily, ...allCommands(readme)]) {
    const others = [...install, ...agent, ...cluster, ...ci.map((script) => `${pnpm} ${script}`), ...tutorial]
    if (others.includes(command)) continue
    const shell = new Shell(inDemo(command, id, await folder), joinery)
    if (command.endsWith('--watch')) {
      t.ok(await shell.says(/Z +edge-1 /), command)
      shell.interrupt()
    } else {
      const { code, output } = await shell.ended
      t.equal(code, 0, command, { output })
    }
  }
})

/** Pattern of a text that was shortened by `...` in its lines. An age may be another. */
const shortened = (text: string): RegExp => {
  const parts = text.split(/(\.\.\.|(?<=for )\d+ ?s)/)
  const patterns = parts.map((part, index) =>
    index % 2 === 0 ? RegExp.escape(part) : part === '...' ? '.*' : '[\\w ]+'
  )
  return new RegExp(patterns.join(''))
}

/** What shows the evidence and asks: a person answers on a terminal. */
const asks = (command: string): boolean => command.startsWith('joinery approve')

t.test('no page teaches to answer before the question', async (t) => {
  for (const path of globSync('{*.md,docs/{tutorials,how-to,explanation}/*.md}', { cwd: root })) {
    if (path !== 'CHANGELOG.md') t.notMatch(page(path), /--yes\b/, path)
  }
})

/** ID stands for an id, worker-1 for a machine and FILE for a new file; what a shell sources may fail unseen. */
const inDemo = (command: string, id: string, folder: string): string =>
  command.startsWith('source')
    ? `${command} && complete -p joinery`
    : command
        .replace(/\bID$/, id)
        .replace(/\bworker-1$/, 'edge-4')
        .replace(/\bFILE$/, `'${folder}/file'`)

t.test('demo --once ends after all four are Ready, with their table and a timeline', async (t) => {
  const { code, output } = await once.ended
  t.equal(code, 0, once.command, { output })
  t.match(output, /^edge-4 +joined +NotReady +joined, Node not Ready: the image \S+ of Pod \S+ cannot be pulled$/m)
  const [, list = ''] = output.split('$ joinery list\n')
  for (const name of ['edge-1', 'edge-2', 'edge-3', 'edge-4'])
    t.match(list, new RegExp(`^${name} +ready +Ready `, 'm'), name)
  t.match(list, /\$ joinery show edge-1\n[\s\S]*^Timeline:\n[\s\S]* become-ready .*$/m)
})

t.test('Ctrl-C ends the demo and removes its folder', async (t) => {
  t.ok(existsSync(await folder))
  demo.interrupt()
  await demo.ended
  t.notOk(existsSync(await folder))
})

t.test('another test runs each command that this test does not run', async (t) => {
  for (const [block, file] of [
    ['repository', 'control-plane-host.ts'],
    ['install', 'spine.cluster.ts']
  ])
    t.match(page(`test/cluster/${file}`), `readmeCommands(readme, '${block}')`)
  t.match(page('test/cluster/operators/doctor.ts'), "'README.md', 'cluster'")
})

t.test('every page names the pnpm that the project is pinned to', async (t) => {
  for (const path of globSync('{*.md,docs/**/*.md}', { cwd: root })) {
    for (const [named] of page(path).matchAll(/pnpm@[\d.]+/g)) t.equal(named, packageJson.packageManager, path)
  }
})
