import { join } from 'node:path'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { ProblemError, type ServerStatus, shortFingerprint } from '@joinery/protocol'
import { KnownServers, SharedState } from '@joinery/server/testing/leadership'
import { OtherServers } from '@joinery/server/testing/services'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { status } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import { startConsole } from '@joinery/testing/console/open-console'
import { kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { ready } from '@joinery/testing/pairing/joined'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { buildPage, openBrowser, picture, pictures } from './browser.ts'
import { wireTo } from './wire.ts'

t.setTimeout(480_000)
const page = await buildPage(t)
const { skip, openPage } = await openBrowser(t)
t.comment(`pictures: ${pictures}`)

const fine = { name: 'swap', verdict: 'pass' as const, finding: 'swap is off' }

/** Runs `joinery console` with these options, and comes in with the browser by its link. */
const comeIn = async (t: Test, words: readonly string[], terminal: Pick<Terminal, 'releaseFolder'> = {}) => {
  const { link, end } = await startConsole(t, words, {
    ...terminal,
    consoleFolder: page,
    operator: 'alice (uid 1000)',
    // kubectl drain
    exec: async () => '',
    pause: shortSleep(100)
  })
  const watched = await openPage()
  t.teardown(() => watched.context.close())
  await watched.page.goto(link)
  await watched.page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
  return { end, ...watched }
}

/** A console before a real pairing server. */
const openConsole = async (t: Test) => {
  const pairing = await openPairing(t)
  const wire = await wireTo(t, pairing.config.operators.socket)
  const stateOf = async (name: string) => (await pairing.operator.show(name)).state
  const becomes = (name: string, state: string) =>
    eventually(`${name} ${state}`, async () => (await stateOf(name)) === state || undefined)
  return { pairing, wire, stateOf, becomes, ...(await comeIn(t, ['--socket', wire.socket])) }
}

t.test('a newcomer sees a machine come, compares its key, approves it, and sees it join', { skip }, async (t) => {
  const { pairing, page: view, errors, becomes } = await openConsole(t)
  await view.getByText('Nobody waits').waitFor()
  t.equal(new URL(view.url()).pathname, '/', 'the secret of the link is not in the address')
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('edge-1')).code, { preflight: [fine] })
  await view.getByRole('link', { name: 'edge-1' }).click()
  const { key } = await pairing.operator.show('edge-1')
  const shown = await view.locator('.detail .compared').innerText()
  t.equal(shown.split(/\s+/).join('-'), shortFingerprint(key), 'the groups are those of the machine')
  t.match(view.url(), /\/waiting\/[0-9a-f-]{36}$/, 'the address says what is open')

  await view.getByRole('button', { name: 'Approve' }).click()
  await view.getByRole('dialog', { name: 'Approve edge-1' }).getByRole('button', { name: 'Approve' }).click()
  await view.getByText('edge-1 is approved').waitFor()
  await becomes('edge-1', 'approved')
  t.match(
    (await pairing.operator.show('edge-1')).timeline.find(({ event }) => event === 'approve'),
    {
      by: 'alice (uid 1000)'
    }
  )

  const { csr, key: kubeletKey } = await withApprovedCsr(pairing, machine, 'edge-1')
  await view.locator('.detail').getByText('joining').first().waitFor()
  await machine.server.progress({ attempt: 1, stage: '[kubelet-start] Starting the kubelet' })
  await view.getByRole('progressbar').first().waitFor()
  await view.locator('.detail .stage-words', { hasText: 'Starting the kubelet' }).waitFor()
  await register(pairing, machine, 'edge-1', csr, kubeletKey)
  await pairing.reconcile()
  await view.locator('.detail').getByText('joined').first().waitFor()
  await picture(view, 'journey-newcomer')
  t.same(errors, [])
})

t.test('user-data with an agent of another release brings the warning of the command', { skip }, async (t) => {
  const releaseFolder = t.testdir({
    'agents.sha256': `${'d'.repeat(64)}  joinery-agent_0.2.0_amd64.deb\n`,
    'served.deb': 'the agent of the server'
  })
  const pairing = await openPairing(t, { agentPackage: join(releaseFolder, 'served.deb') })
  const words = ['--socket', pairing.config.operators.socket]
  const { page: view, errors } = await comeIn(t, words, { releaseFolder })
  await view.getByRole('button', { name: 'Invite the first machine' }).click()
  await view.getByRole('button', { name: 'Make the code' }).click()
  await view.getByText('#cloud-config').waitFor()
  const { err } = await runWith([...words, 'cloud-init'], { releaseFolder })
  const [, warning = 'none'] = /^Warning: (.*)$/m.exec(err) ?? []
  t.match(warning, /^the agent package of the pairing server, .* is none of release/)
  await view.getByText(warning).waitFor()
  t.same(errors, [])
})

t.test('a machine that changes under an operator’s eyes is not approved before another look', { skip }, async (t) => {
  const { pairing, page: view, errors, stateOf, becomes } = await openConsole(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('edge-2')).code, { preflight: [fine] })
  await view.getByRole('link', { name: 'edge-2' }).click()
  await view.getByRole('button', { name: 'Approve' }).waitFor()

  // the details are on the screen when the machine becomes another one
  await machine.server.observe({ facts: { ...machine.facts, serial: 'SN-OTHER' }, preflight: [fine] })
  const alert = view.getByRole('alert').filter({ hasText: 'It changed while you looked' })
  await alert.waitFor()
  t.match(await alert.innerText(), /Serial\s+none\s+SN-OTHER/, 'it says what changed')
  const approve = view.getByRole('button', { name: 'Approve' })
  t.equal(await approve.getAttribute('aria-disabled'), 'true')
  await approve.click({ force: true })
  t.equal(await view.getByRole('dialog').count(), 0)
  await picture(view, 'journey-changed')
  await alert.getByRole('button', { name: 'I have looked at it' }).click()

  // and again, when the question is on the screen and the page hears nothing
  await view.route('**/api/changes', (route) => route.abort())
  await view.reload()
  await approve.click()
  const dialog = view.getByRole('dialog')
  const { revision } = await pairing.operator.show('edge-2')
  await machine.server.observe({ facts: { ...machine.facts, serial: 'SN-THIRD' }, preflight: [fine] })
  await eventually('the change', async () => (await pairing.operator.show('edge-2')).revision > revision || undefined)
  await dialog.getByRole('button', { name: /^Approve/ }).click()
  await dialog.getByRole('alert').filter({ hasText: 'SN-THIRD' }).waitFor()
  t.equal(await stateOf('edge-2'), 'pending', 'nothing was approved')
  await dialog.getByRole('button', { name: 'I have looked at it' }).click()
  await dialog.getByRole('button', { name: /^Approve/ }).click()
  await becomes('edge-2', 'approved')
  t.equal((await pairing.operator.show('edge-2')).approved?.facts.serial, 'SN-THIRD')
  // the browser itself notes what is refused
  t.same(
    errors.filter((text) => !/409|ERR_FAILED/.test(text)),
    []
  )
})

t.test('of two keys with one code an operator says which one is right', { skip }, async (t) => {
  const { pairing, page: view, errors, becomes } = await openConsole(t)
  const { code } = await pairing.code('edge-3')
  const [right, wrong] = [await pairing.machine(), await pairing.machine()]
  await right.enrol(code, { preflight: [fine] })
  await wrong.enrol(code).catch(() => {})
  await view.getByRole('link', { name: 'edge-3' }).click()
  await view.getByText('Two keys presented one code').waitFor()
  t.equal(await view.locator('.detail .keys .card').count(), 2)
  await picture(view, 'journey-conflict')
  await view.getByRole('button', { name: 'Release' }).click()
  const dialog = view.getByRole('dialog', { name: 'Release edge-3' })
  const release = dialog.getByRole('button', { name: 'Release' })
  t.equal(await release.getAttribute('aria-disabled'), 'true', 'no key is chosen for anybody')
  await dialog.getByRole('radio').first().check()
  await release.click()
  await becomes('edge-3', 'pending')
  t.equal((await pairing.operator.show('edge-3')).key, right.identity.fingerprint)
  t.same(errors, [])
})

t.test('a rebuilt machine takes its Node’s place, once both keys were seen and the name typed', { skip }, async (t) => {
  const { pairing, page: view, errors, becomes } = await openConsole(t)
  const { machine: former } = await ready(pairing, 'edge-6')
  const { id: formerId } = await pairing.operator.show('edge-6')
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('edge-6')).code, { preflight: [fine] })
  await view.getByRole('link', { name: 'edge-6' }).click()
  await view.getByText('The name is in use').waitFor()
  await view.getByRole('button', { name: 'Replace' }).click()
  const dialog = view.getByRole('dialog', { name: 'Replace edge-6' })
  await dialog.locator('.keys .card').first().waitFor()
  const groups = await dialog.locator('.keys .card .compared').allInnerTexts()
  t.same(
    groups.map((text) => text.split(/\s+/).join('-')),
    [machine, former].map(({ identity }) => shortFingerprint(identity.fingerprint)),
    'both keys, side by side'
  )
  t.match(await dialog.innerText(), /This deletes the Node edge-6, and its machine stays out\./)
  const replace = dialog.getByRole('button', { name: 'Replace' })
  t.equal(await replace.getAttribute('aria-disabled'), 'true', 'nothing goes before the name is typed')
  await picture(view, 'journey-replace')
  await dialog.getByLabel('Type edge-6 to go on').fill('edge-6')
  await replace.click()
  await view.getByText('edge-6 is approved').waitFor()
  await becomes(formerId, 'removed')
  t.match((await pairing.operator.list({ state: 'approved' })).items, [{ key: machine.identity.fingerprint }])
  t.same(await pairing.cluster.nodes(), [])
  t.same(errors, [])
})

t.test('sixty machines of a wave are approved at once, and the page keeps up', { skip }, async (t) => {
  const { pairing, page: view, errors } = await openConsole(t)
  const { code } = await pairing.operator.createCode({ name: 'worker-{n}', uses: 60, ttl: 1800 })
  for (let left = 60; left > 0; left -= 4)
    await Promise.all(
      Array.from({ length: 4 }, async () => (await pairing.machine()).enrol(code, { preflight: [fine] }))
    )
  await view.locator('nav .pill', { hasText: '60' }).waitFor()
  await view.getByRole('table').waitFor()
  const rows = view.locator('tbody tr[data-id]')
  t.ok((await rows.count()) < 60, 'only rows that can be seen are drawn')
  await view.getByRole('checkbox', { name: 'Select all that are shown' }).check()
  await view.getByText('60 selected').waitFor()
  await picture(view, 'journey-wave')
  await view.keyboard.press('a')
  const dialog = view.getByRole('dialog', { name: 'Approve 60 machines' })
  await dialog.getByRole('button', { name: 'Approve 60' }).click()
  await view.getByText('60 machines are approved').waitFor()
  t.equal((await pairing.operator.list({ state: 'approved' })).items.length, 60)
  await view.getByText('Nobody waits').waitFor()
  t.same(errors, [])
})

t.test('a server that is gone is said, and the page goes on when it is back', { skip }, async (t) => {
  const { pairing, wire, page: view, end } = await openConsole(t)
  await wire.cut()
  await view.getByText('The pairing server does not answer.').waitFor()
  await picture(view, 'journey-away')
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('edge-4')).code, { preflight: [fine] })
  await wire.mend()
  await view.getByRole('link', { name: 'edge-4' }).waitFor()
  t.equal(await view.getByText('The pairing server does not answer.').count(), 0)
  t.equal((await end()).exitCode, 0)
  await view.getByText('This console has ended.').waitFor()
})

t.test('a Kubernetes user without the right sees what is missing, and can do nothing', { skip }, async (t) => {
  const pairing = await openDoorPairing(t)
  const front = await kubernetesFront(t, pairing.cluster)
  front.verbs.set('bob', ['reject'])
  await eventually('the Installation', async () => pairing.cluster.views.statuses('installations').size > 0)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('edge-5')).code, { preflight: [fine] })
  const { page: view } = await comeIn(t, ['--kubeconfig', await front.kubeconfig('bob')])
  await view.getByRole('link', { name: 'edge-5' }).click()
  const approve = view.getByRole('button', { name: 'Approve' })
  await approve.waitFor()
  t.equal(await approve.getAttribute('aria-disabled'), 'true')
  t.ok(await view.getByText('Approve needs the right to approve on enrolments.joinery.dev').first().isVisible())
  await view.keyboard.press('a')
  t.equal(await view.getByRole('dialog').count(), 0)
  t.equal(await view.getByRole('button', { name: 'Reject' }).getAttribute('aria-disabled'), 'false')
  await picture(view, 'journey-without-right')
})

t.test(
  'the servers are shown over the socket as the one that answers knows them, over the cluster by their URLs',
  { skip },
  async (t) => {
    const active = 'https://127.0.0.1:7443'
    const others = ['https://192.0.2.2:7443', 'https://192.0.2.3:7443']
    const seen = new Date().toISOString()
    const servers: ServerStatus[] = [
      { url: active, state: 'active', seen },
      { url: others[0] ?? '', state: 'standby', seen }
    ]
    const pairing = await openPairing(t, {}, undefined, (container) => {
      container.register(OtherServers, { useValue: () => others })
      container.register(KnownServers, {
        useValue: { list: () => servers, urls: () => [active, ...others], others: () => others }
      })
      container.register(SharedState, {
        useValue: {
          leadership: () => ({ isActive: true, active, term: 3, since: seen }),
          log: () => ({
            number: 42,
            term: 3,
            batches: 0,
            headBytes: 900,
            waiting: 0,
            documents: 12,
            bytes: 4_096,
            written: 9_000
          })
        }
      })
    })
    const socket = await comeIn(t, ['--socket', pairing.config.operators.socket])
    await socket.page.getByRole('link', { name: 'Servers' }).click()
    await socket.page.getByText('2 servers share a log in the etcd of the cluster.').waitFor()
    t.match(await socket.page.locator('main').innerText(), /Last batch\s+42\s.*Takes writes\s+yes/s)
    t.equal(await socket.page.getByText('needs somebody').count(), 0)
    servers.push({ url: others[1] ?? '', state: 'away' })
    await socket.page.getByText('3 servers share a log in the etcd of the cluster. One is away.').waitFor()
    await socket.page.getByText(`Nothing was heard of the server at ${others[1]}`).waitFor()
    await picture(socket.page, 'journey-servers')

    const front = await kubernetesFront(t, pairing.cluster)
    await eventually('the Installation', async () => pairing.cluster.views.statuses('installations').size > 0)
    const { page: view } = await comeIn(t, ['--kubeconfig', await front.kubeconfig()])
    await view.getByRole('link', { name: 'Servers' }).click()
    await view.getByText('Kubernetes names 3 servers.').waitFor()
    t.same(await view.locator('main tbody th').allInnerTexts(), [active, ...others])
    t.equal(await view.locator('main tbody').getByText('not shown').count(), 3)
    t.same(socket.errors, [])
  }
)

t.test('a console before a server that stands by says so, also to a page that is loaded again', { skip }, async (t) => {
  const [own, active] = ['https://192.0.2.2:7443', 'https://192.0.2.1:7443']
  const { socket } = await serveOperators(t, {
    list: () => {
      throw new ProblemError('not-active', { detail: `this server is not the active one, ${active} is` })
    },
    status: () => ({
      ...status,
      agents: { ...status.agents, url: own },
      leadership: { isActive: false, active, term: 2, since: status.started },
      servers: [
        { url: active, state: 'active' },
        { url: own, state: 'standby' }
      ]
    })
  })
  const { page: view } = await comeIn(t, ['--socket', socket])
  const banner = view.getByRole('alert').filter({ hasText: 'This pairing server stands by.' })
  await banner.waitFor()
  await view.reload()
  await banner.waitFor()
  await banner.getByRole('link', { name: 'Servers' }).click()
  await view.getByText('The server that this console asks stands by.').waitFor()
  t.match(
    await view.locator('main').innerText(),
    `It knows nothing of machines: this server is not the active one, ${active} is.`
  )
  t.same(await view.locator('main tbody th').allInnerTexts(), [active, `${own} asked`])
  t.equal(await view.locator('.live').innerText(), 'Server stands by')
  await picture(view, 'journey-standby')
})
