import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { answersAbout } from './played-answers.ts'
import { type PlayedConsole, playConsole } from './played-console.ts'
import { aFleet } from './played-machines.ts'

export const fleet = aFleet()
export const idOf = (name: string): string => fleet.find((machine) => machine.name === name)?.id ?? ''

/** Serves the built page, with these machines behind it. */
export const play = async (t: Test, built: string, given = fleet): Promise<PlayedConsole> => {
  const played = await playConsole(built, given)
  t.teardown(() => played.close())
  played.answers = answersAbout(given)
  return played
}

/** Waits until the page is drawn, and hears of changes. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('main h1').first().waitFor({ state: 'attached' })
  await page.locator('.live.live').waitFor({ state: 'attached' })
  await page.waitForLoadState('networkidle').catch(() => {})
}

type Act = (page: Page) => Promise<unknown>

/** The pages, each with what is done on it before it is looked at. */
export const visits: readonly [name: string, path: string, act?: Act][] = [
  ['waiting', '/waiting', (page) => page.getByText('edge-1').waitFor()],
  ['waiting-open', `/waiting/${idOf('edge-2')}`, (page) => page.locator('.checks').first().waitFor()],
  ['control-plane', `/waiting/${idOf('cp-2')}`, (page) => page.getByText('two stacked etcd members').waitFor()],
  ['frozen', `/waiting/${idOf('edge-9')}`, (page) => page.getByText('Two keys presented').waitFor()],
  ['hostile', `/waiting/${fleet.at(-1)?.id}`, (page) => page.locator('.detail h2').waitFor()],
  [
    'approve',
    `/waiting/${idOf('edge-1')}`,
    async (page) => {
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.getByRole('dialog').waitFor()
    }
  ],
  [
    'approve-many',
    `/waiting?selected=${['edge-1', 'edge-2', 'edge-3', 'cp-2'].map(idOf).join(',')}`,
    async (page) => {
      await page.getByRole('button', { name: 'Approve 4' }).click()
      await page.getByRole('dialog').waitFor()
    }
  ],
  [
    'replace',
    `/waiting/${idOf('edge-4')}`,
    async (page) => {
      await page.getByRole('button', { name: 'Replace' }).click()
      await page.getByRole('dialog').getByText('Has the name now, and goes').waitFor()
    }
  ],
  ['machines', '/machines', (page) => page.getByText('worker-1', { exact: true }).waitFor()],
  ['joining', `/machines/${idOf('edge-5')}`, (page) => page.locator('.timeline').scrollIntoViewIfNeeded()],
  ['not-ready', `/machines/${idOf('edge-6')}`, (page) => page.locator('.causes').waitFor()],
  ['failed', `/machines/${idOf('edge-7')}`, (page) => page.locator('.output').waitFor()],
  ['codes', '/codes', (page) => page.getByRole('link', { name: 'worker-{n}' }).waitFor()],
  ['invite', '/codes/new'],
  [
    'invited',
    '/codes/new',
    async (page) => {
      await page.getByRole('button', { name: 'Make the code' }).click()
      await page.getByText('This is shown once').waitFor()
    }
  ],
  ['nodes', '/nodes', (page) => page.getByText('stranger-1').waitFor()],
  ['alerts', '/alerts', (page) => page.getByText('another key used the code').waitFor()],
  ['audit', '/audit', (page) => page.getByRole('table').waitFor()],
  ['servers', '/servers', (page) => page.getByRole('heading', { name: 'Log' }).waitFor()],
  ['pictures', '/pictures', (page) => page.getByText('Joins over time').first().waitFor()]
]
