import type { Page } from 'playwright-core'
import t from 'tap'
import { loadAxe, violationsOf } from './axe.ts'
import { buildPage, openBrowser, picture, pictures, type Scheme } from './browser.ts'
import { ofOne, ofStandby, ofThree, ofView } from './played-answers.ts'
import { allRights, noRights } from './played-console.ts'
import { ago, aMachine } from './played-machines.ts'
import { fleet, idOf, play, settled, visits } from './visits.ts'

t.setTimeout(480_000)
const built = await buildPage(t)
const { skip, openPage } = await openBrowser(t)
t.comment(`pictures: ${pictures}`)

/** Signs that only the page itself writes, escaped as if they were a machine's. */
const escapedByMistake = /\\u\{(b7|2013|2014|2018|2019|201c|201d|2026)\}/

t.test('each page is for everybody, light and dark, and its CSP holds', { skip }, async (t) => {
  const played = await play(t, built)
  const schemes: [Scheme, Scheme] = ['light', 'dark']
  const { page, errors, context } = await openPage(schemes[0])
  t.teardown(() => context.close())
  for (const [name, path, act] of visits) {
    await page.goto(`${played.url}${path}`)
    await settled(page)
    await act?.(page)
    await loadAxe(page)
    // to load a page takes as long as to judge it, and the scheme of a browser changes colours alone
    for (const scheme of schemes) {
      await page.emulateMedia({ colorScheme: scheme })
      t.same(await violationsOf(page), [], `${name}, ${scheme}`)
      await picture(page, `${name}-${scheme}`)
    }
    t.notMatch(
      await page.locator('body').innerText(),
      escapedByMistake,
      `${name}: the page does not escape its own signs`
    )
    t.same(errors, [], name)
    // the next page is loaded in the scheme that this one has now
    schemes.reverse()
  }
})

/** The rows of the table of servers, each as words. */
const serversOf = async (page: Page): Promise<string[]> =>
  (await page.locator('main tbody tr').allInnerTexts()).map((text) => text.split(/\s+/).slice(0, 3).join(' '))

t.test('the servers are shown by every door, and a change of them without one of machines', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, errors, context } = await openPage()
  t.teardown(() => context.close())
  const silent = { contentType: 'text/event-stream', body: 'retry: 600000\n\n' }
  await page.route('**/api/changes', (route) => route.fulfill(silent))
  await page.goto(`${played.url}/servers`)
  await page.getByText('3 servers share a log in the etcd of the cluster. One is away.').waitFor()
  t.same(await serversOf(page), [
    'https://10.0.0.10:7443 asked active',
    'https://10.0.0.11:7443 stands by',
    'https://10.0.0.12:7443 away –'
  ])
  t.match(await page.locator('main').innerText(), /Takes writes\s+no, since .* \(\w+\): etcd is full \(NOSPACE\)/)
  await page.getByText('on its host: systemctl status joinery-server').waitFor()
  await page.locator('main h1').focus()
  await page.keyboard.press('Tab')
  t.ok(await page.locator('.table-card:focus').count(), 'the list scrolls by the keyboard')

  // nothing is told to the page: it asks by itself
  played.answers.status = async () => ofStandby()
  await page.getByText('The server that this console asks stands by.').waitFor()
  t.match(await serversOf(page), [/active/, 'https://10.0.0.11:7443 asked stands', /away/])
  t.match(await page.locator('main').innerText(), /Only the active server knows the log/)

  await page.unroute('**/api/changes')
  const { servers = [] } = ofThree
  const nobody = servers.map((one) => (one.state === 'active' ? { ...one, state: 'away' as const } : one))
  const shown: [name: string, status: typeof ofThree, words: string][] = [
    ['servers-standby', ofStandby(), '3 servers share a log in the etcd of the cluster. One is away.'],
    [
      'servers-none-active',
      { ...ofStandby(), servers: nobody, leadership: { isActive: false, term: 7 } },
      'No server is active.'
    ],
    ['servers-one', ofOne(), 'One server, which keeps what it knows in a file of its host.'],
    ['servers-door', ofView(), 'Kubernetes names 3 servers.']
  ]
  for (const [name, status, words] of shown) {
    played.answers.status = async () => status
    await page.reload()
    await page.getByText(words).waitFor()
    await loadAxe(page)
    t.same(await violationsOf(page), [], name)
    t.equal(
      await page.getByText('/usr/share/doc/joinery-server/how-to/several-servers.md').count(),
      name === 'servers-one' ? 1 : 0
    )
    await picture(page, `${name}-light`)
  }

  played.tell({
    type: 'away',
    since: ago(3),
    problem: { type: '', title: '', status: 503, code: 'not-active', detail: 'https://10.0.0.10:7443 is' }
  })
  await page.getByText('This pairing server stands by.').waitFor()
  t.same(await violationsOf(page), [])
  t.same(errors, [])
})

t.test('what a machine says of itself stays text', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, errors, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting/${fleet.at(-1)?.id}`)
  await page.locator('.detail h2').waitFor()
  t.equal(await page.locator('.detail h2').innerText(), 'evil\\u{202e}\\u{1b}[31m<img src=x onerror=alert(1)>')
  t.match(await page.locator('.detail').innerText(), /<script>alert\(1\)<\/script>/)
  t.match(await page.locator('.detail').innerText(), /D\\u\{e9\}bian \\u\{7\}/)
  t.equal(await page.locator('main img, main script').count(), 0)
  t.same(errors, [])
})

t.test('what is not known of a machine is a dash, and no 0', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/machines?text=build-1`)
  const row = page.locator(`tr[data-id="${idOf('build-1')}"]`)
  await row.waitFor()
  t.same(await row.locator('.column-hardware, .column-address').allInnerTexts(), ['–', '–'])
  await page.goto(`${played.url}/waiting/${idOf('edge-9')}`)
  const serial = page.getByRole('row', { name: /^Serial/ })
  t.equal(await serial.getByRole('cell').last().innerText(), '–')
})

t.test('the page and its tab say which cluster it is, also on a phone', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  /** The title of the tab, and what the head of the page says, of a console over this cluster. */
  const seen = async (name: string, server: string, width: number) => {
    await page.setViewportSize({ width, height: 844 })
    played.session = { ...played.session, name, door: { to: 'cluster', server } }
    await page.goto(`${played.url}/waiting`)
    await page.waitForFunction((server) => document.title.endsWith(server), server)
    return { title: await page.title(), shown: await page.locator('.brand').screenshot() }
  }
  for (const width of [1440, 768, 390]) {
    const prod = await seen('prod', 'api.prod.example:6443', width)
    const staging = await seen('staging', 'api.staging.example:6443', width)
    t.match(prod.title, /^\(10\) prod · Waiting for you · api\.prod\.example:6443$/)
    t.match(staging.title, /^\(10\) staging · /)
    t.notOk(prod.shown.equals(staging.shown), `${width}`)
    // every kubeconfig of kubeadm has the same names
    const [one, other] = ['10.0.0.10:6443', '10.1.0.10:6443']
    const twin = await seen('kubernetes-admin@kubernetes', one, width)
    t.notOk(twin.shown.equals((await seen('kubernetes-admin@kubernetes', other, width)).shown), `${width}`)
  }
  const arn = (end: string) => `arn:aws:eks:eu-central-1:123456789012:cluster/${end}`
  for (const width of [1440, 390]) {
    const [one, other] = [await seen(arn('prod'), 'api.example', width), await seen(arn('test'), 'api.example', width)]
    t.notOk(one.shown.equals(other.shown), `${width}: a long name is told by its end`)
    t.ok(await page.locator('.brand').evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth))
  }
  const { title } = await seen('\u202e<img src=x onerror=alert(1)>', 'api.example', 1440)
  t.match(title, /^\(10\) \\u\{202e\}<img src=x onerror=alert\(1\)> · /)
  t.equal(await page.locator('.brand img').count(), 0)
  await picture(page, 'hostile-cluster')
})

t.test('everything goes by the keyboard, and nothing traps it', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting`)
  await page.getByText('edge-1').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.locator(`tr.open[data-id="${idOf('edge-1')}"]`).waitFor()
  t.match(page.url(), new RegExp(`/waiting/${idOf('edge-1')}`), 'the link says which one is open')
  await page.keyboard.press('x')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('x')
  await page.keyboard.press('k')
  t.equal(
    new URL(page.url()).searchParams.get('selected'),
    `${idOf('edge-1')},${idOf('edge-2')}`,
    'as fast as a hand types'
  )
  await page.keyboard.press('a')
  await page.getByRole('dialog', { name: 'Approve 2 machines' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  await help.getByRole('checkbox').uncheck()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.keyboard.press('a')
  t.equal(await page.getByRole('dialog').count(), 0, 'keys of a single letter can be switched off')
  await page.getByRole('button', { name: 'Keyboard' }).click()
  await help.getByRole('checkbox').check()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  await page.locator('#search:focus').waitFor()
  await page.keyboard.type('edge-9 ')
  await page.waitForURL(/text=edge-9/)
  await page.keyboard.type('r7')
  await page.waitForURL(/text=edge-9(\+|%20)r7/)
  await page.keyboard.press('Tab')
  t.notOk(await page.locator('#search:focus').count(), 'the search lets the keyboard go')
  await page.goBack()
  t.match(page.url(), /\/waiting\//, 'back leads where one was')

  // the way of the Tab key comes around: every stop is seen, and none holds it
  const stops = new Set<string>()
  await page.goto(`${played.url}/waiting/${idOf('edge-1')}`)
  await page.locator('.detail h2').waitFor()
  let came = 0
  for (let press = 0; press < 90 && came < 2; press += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return 'the end'
      const { outlineStyle, clipPath } = getComputedStyle(element)
      const hidden = clipPath !== 'none' || element.matches('[type=radio]')
      return outlineStyle === 'none' && !hidden ? `unseen ${element.outerHTML.slice(0, 90)}` : 'seen'
    })
    stops.add(stop)
    if (stop === 'the end') came += 1
  }
  t.same([...stops].sort(), ['seen', 'the end'])
})

t.test('a link can be shared: filters, selection and what is open are in it', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/machines?state=failed`)
  await page.getByRole('link', { name: 'edge-7' }).waitFor()
  t.equal(await page.locator('tbody tr[data-id]').count(), 1)
  await page.getByRole('button', { name: /^Ready/ }).click()
  await page.getByRole('link', { name: 'worker-24' }).waitFor()
  t.match(page.url(), /state=ready/)
  await page.getByRole('searchbox').fill('worker-24')
  await page.waitForURL(/text=worker-24/)
  await page.getByText('worker-23').waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('link', { name: 'worker-24' }).waitFor()
  t.equal(await page.getByRole('searchbox').inputValue(), 'worker-24')
})

t.test('the colours are chosen once, and kept', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage('light')
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting`)
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await page.getByRole('radio', { name: 'dark' }).check({ force: true })
  const dark = await ground()
  t.not(dark, light)
  await page.reload()
  await settled(page)
  t.equal(await ground(), dark)
})

t.test('a machine of a selection that changes is not approved with the others', { skip }, async (t) => {
  const played = await play(t, built, [aMachine('edge-1'), aMachine('edge-2')])
  const [first, second] = [...played.machines.values()]
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting?selected=${first?.id},${second?.id}`)
  await page.getByText('2 selected').waitFor()
  played.put(aMachine('edge-2', { revision: 9, address: '203.0.113.9' }))
  await page.getByText('1 changed since').waitFor()
  await page.getByRole('button', { name: 'Approve 2' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('edge-2 changed while you looked').waitFor()
  await dialog.getByRole('button', { name: 'Approve 1' }).click()
  await page.getByText('edge-1 is approved').waitFor()
  t.same(
    played.asked.map(({ body }) => body),
    [{ id: first?.id, revision: 3, key: first?.key }]
  )
  await dialog.getByRole('button', { name: 'I have looked at it' }).click()
  await dialog.getByRole('button', { name: 'Approve 1' }).click()
  await page.getByText('edge-2 is approved').waitFor()
  t.match(played.asked.at(-1), { body: { revision: 9 } })
})

t.test('a user without rights sees each verb, and the right that is missing', { skip }, async (t) => {
  const played = await play(t, built)
  played.session = { ...played.session, rights: noRights }
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting/${idOf('edge-1')}`)
  await page.getByText('Approve needs the right to approve on enrolments.joinery.dev').first().waitFor()
  for (const name of ['Approve', 'Reject'])
    t.equal(await page.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name)
  await page.getByRole('button', { name: 'Approve' }).click({ force: true })
  await page.keyboard.press('a')
  t.equal(await page.getByRole('dialog').count(), 0)
  await loadAxe(page)
  t.same(await violationsOf(page), [])
  await picture(page, 'without-rights-light')
  played.session = { ...played.session, rights: { ...noRights, reject: allRights.reject } }
  await page.reload()
  await page.getByRole('button', { name: 'Reject' }).click()
  await page.getByRole('dialog', { name: 'Reject edge-1' }).waitFor()
})

t.test('a code ends in text for the machine, which turns green when it has arrived', { skip }, async (t) => {
  const played = await play(t, built, [])
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/codes/new`)
  await page.getByRole('radio', { name: /^This name/ }).check()
  await page.getByRole('button', { name: 'Make the code' }).click()
  await page.getByText('A name has lower-case letters').waitFor()
  t.same(played.asked, [], 'nothing was asked with a name that is none')
  await page.getByLabel('Node name').fill('worker-1')
  await page.getByRole('button', { name: 'Make the code' }).click()
  await page.getByText('#cloud-config').waitFor()
  t.match(played.asked, [{ call: 'codeCreate', body: { request: { name: 'worker-1', role: 'worker', ttl: 1800 } } }])
  await page.getByText('Waiting for the machine').waitFor()
  const code = aMachine('code worker-1').id
  played.put(aMachine('worker-1', { code }))
  await page.getByText('It waits for you').waitFor()
  played.put(aMachine('worker-1', { code, state: 'ready', revision: 8, ready: ago(1) }))
  await page.locator('.arrived').waitFor()
  await picture(page, 'arrived-light')
})

t.test('rights that could not be read at first are read when the page hears of anything', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.route('**/api/session', (route) => route.abort(), { times: 1 })
  await page.goto(`${played.url}/waiting`)
  await page.getByText('The console does not answer').waitFor()
  await page.getByRole('link', { name: 'edge-1' }).click()
  played.put(aMachine('edge-99'))
  await page.getByRole('button', { name: 'Approve' }).waitFor()
})

t.test('a console that is gone is said, and the page goes on when it is back', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  await page.goto(`${played.url}/waiting`)
  await page.getByText('edge-1').waitFor()
  await page.route('**/api/changes', (route) => route.abort())
  played.cut()
  await page.getByText('The console does not answer.').waitFor()
  await page.unroute('**/api/changes')
  await page.getByText('The console does not answer.').waitFor({ state: 'detached' })
  played.tell({ type: 'end', reason: 'its lifetime is over' })
  await page.getByText('This console has ended.').waitFor()
})
