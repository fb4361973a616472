import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { SeenEnrolmentDetail } from '@joinery/cli/console'
import { buildConsole } from '@joinery/console/build'
import type { Browser } from 'playwright-core'
import { startBrowser } from '../console/browser.ts'
import { type PlayedConsole, playConsole } from '../console/played-console.ts'
import { ago, aMachine } from '../console/played-machines.ts'
import { type Figure, median, round } from './figure.ts'

const machines = 2000
const changesPerSecond = 20
/** Seconds for which changes come. */
const lasts = 20
/** Times that the page is opened. */
const opened = 5

const states = ['pending', 'approved', 'joining', 'joined', 'ready'] as const

/** What the page of 2,000 machines costs in a browser: until they are seen, and while 20 of them change a second. */
export const consolePage = async (): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-page-'))
  const size = await buildConsole(folder)
  const fleet = Array.from({ length: machines }, (_, index) =>
    aMachine(`worker-${index}`, { state: states[index % states.length] ?? 'ready', created: ago(index * 60) })
  )
  const played = await playConsole(folder, fleet)
  const browser = await startBrowser()
  try {
    const paints: number[] = []
    const rows: number[] = []
    for (let time = 0; time < opened; time += 1) {
      const { paint, row } = await open(browser, played)
      paints.push(paint)
      rows.push(row)
    }
    const tasks = await tasksWhileChanging(browser, played, fleet)
    const longest = Math.max(0, ...tasks.map(({ wall }) => wall))
    const long = tasks.filter(({ wall }) => wall > 50).length
    const ofItsOwn = Math.max(0, ...tasks.map(({ own }) => own))
    const of = `of ${machines} machines, ${opened} times`
    return [
      timed('console: first paint', median(paints), of),
      timed('console: first rows', median(rows), of),
      timed('console: longest task', longest, `${changesPerSecond} changes a second for ${lasts} s, ${long} over`),
      { name: 'console: longest task, its own time', measured: `${round(ofItsOwn)} ms of a processor` },
      { name: 'console: size of the page', measured: `${round(size / 1000)} kB` }
    ]
  } finally {
    await browser.close()
    await played.close()
    await rm(folder, { recursive: true })
  }
}

const timed = (name: string, milliseconds: number, how: string): Figure => ({
  name,
  measured: `${round(milliseconds)} ms, ${how}`
})

/** Notes when the first row of the list is there. */
const noteFirstRow = `
  new MutationObserver((_, observer) => {
    if (document.querySelector('tr[data-id]') === null) return
    observer.disconnect()
    requestAnimationFrame(() => { globalThis.firstRow = performance.now() })
  }).observe(document, { childList: true, subtree: true })
`

/** Milliseconds from the navigation to the first paint, and to the first rows. */
const open = async (browser: Browser, { url }: PlayedConsole): Promise<{ paint: number; row: number }> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(noteFirstRow)
  await page.goto(`${url}/machines`)
  await page.locator('tr[data-id]').first().waitFor()
  // behind the frame in which the row is noted; the CSP of the page lets nothing be asked again and again
  const row = await page.evaluate<number>('new Promise((seen) => requestAnimationFrame(() => seen(firstRow)))')
  const paint = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
  await context.close()
  return { paint, row }
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  tdur?: number
  args?: { name?: string }
}

/** A task of the page's main thread, in milliseconds: from its begin to its end, and of a processor. */
interface Task {
  wall: number
  own: number
}

/** All tasks of the page while machines change and a person scrolls. */
const tasksWhileChanging = async (
  browser: Browser,
  played: PlayedConsole,
  fleet: readonly SeenEnrolmentDetail[]
): Promise<Task[]> => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`${played.url}/machines`)
  await page.locator('tr[data-id]').first().waitFor()
  await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel', '__metadata'] })
  const ends = performance.now() + lasts * 1000
  for (let change = 0; performance.now() < ends; change += 1) {
    const one = fleet[(change * 7) % fleet.length]
    if (one === undefined) break
    const state = states[(change + 1) % states.length] ?? 'ready'
    played.put({ ...one, state, revision: 10 + change, since: new Date().toISOString() })
    if (change % changesPerSecond === 0) await page.mouse.wheel(0, 900)
    await setTimeout(1000 / changesPerSecond)
  }
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  await page.close()
  return mainTasks(trace.traceEvents)
}

const mainTasks = (events: readonly TraceEvent[]): Task[] => {
  const main = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`)
  )
  return events
    .filter(({ name, ph, pid, tid }) => name.endsWith('RunTask') && ph === 'X' && main.has(`${pid} ${tid}`))
    .map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, own: tdur / 1000 }))
}
