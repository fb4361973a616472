import type { Page } from 'playwright-core'
import t from 'tap'
import { loadAxe, violationsOf } from './axe.ts'
import { buildPage, openBrowser, picture } from './browser.ts'
import { longNames } from './played-machines.ts'
import { idOf, play, settled, visits } from './visits.ts'

t.setTimeout(480_000)
const built = await buildPage(t)
const { skip, openPage } = await openBrowser(t)

/** Parts of the page that its sides cut off. Wide tables and texts scroll by themselves, and so do not count. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const scrolls = '.table-view, .table-card, .sideways, .targets, .code, .hidden, .skip'
    const isShortened = (element: Element): boolean => {
      for (let above = element.parentElement; above !== null; above = above.parentElement)
        if (getComputedStyle(above).textOverflow === 'ellipsis') return true
      return false
    }
    return [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect()
        return width > 0 && (left < -0.5 || right > innerWidth + 0.5)
      })
      .filter((element) => !element.matches('.hidden, .skip') && !element.parentElement?.closest(scrolls))
      .filter((element) => !isShortened(element))
      .map((element) => element.outerHTML.slice(0, 100))
  })

t.test('a phone shows each page whole, and each link to a page has its word', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  const more: typeof visits = [
    ['long-name', `/waiting/${idOf(longNames[0])}`, (page) => page.locator('.detail h2').waitFor()]
  ]
  for (const [name, path, act] of [...visits, ...more]) {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${played.url}${path}`)
    await settled(page)
    await act?.(page)
    await picture(page, `${name}-phone`)
    await loadAxe(page)
    t.same(await violationsOf(page), [], name)
    // the second one is what a page has at four times its size
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 })
      t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at ${width}`)
      t.same(await cutOff(page), [], `${name} at ${width}`)
    }
  }
  await page.setViewportSize({ width: 390, height: 844 })
  const heights = async (path: string, what: string): Promise<number[]> => {
    await page.goto(`${played.url}${path}`)
    await visits.find((visit) => visit[1] === path)?.[2]?.(page)
    return page.locator(what).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
  }
  const [, many] = visits.find(([name]) => name === 'approve-many') ?? []
  t.ok(Math.max(...(await heights('/audit', 'tbody tr'))) < 160, 'an entry is no tower of letters')
  t.ok(Math.max(...(await heights(many ?? '', '.targets code'))) < 24, 'a key that is compared is in one line')
  t.ok(Math.max(...(await heights(many ?? '', '.targets tbody tr'))) < 100, 'so is what becomes of a machine')
  const [card = 0, table = 0] = await heights('/servers', '.table-card, .table-card table')
  t.ok(card >= table, 'each server is shown')
  const links = await page.getByRole('navigation').getByRole('link').all()
  t.equal(links.length, 8)
  for (const link of links) t.match(await link.innerText(), /[A-Z][a-z]+/)
})

t.test('names that differ only at their end are told apart, and have the most room', { skip }, async (t) => {
  const played = await play(t, built)
  const { page, context } = await openPage()
  t.teardown(() => context.close())
  const [first, second] = longNames
  for (const width of [768, 1024, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    for (const path of ['waiting', 'machines', 'nodes', 'audit']) {
      const where = `${path} at ${width}`
      await page.goto(`${played.url}/${path}`)
      const cell = (name: string) => page.locator('.column-name', { hasText: name })
      await cell(first).waitFor()
      t.equal(await cell(first).getByTitle(first, { exact: true }).count(), 1, `${where}: the whole name is a title`)
      await picture(page, `${path}-${width}`)
      const [one, other] = [await cell(first).screenshot(), await cell(second).screenshot()]
      t.notOk(one.equals(other), where)
      const box = await cell(first).boundingBox()
      t.ok(box !== null && box.x + box.width <= width, `${where}: nobody has to move the table`)
      if (path === 'nodes' || path === 'audit') continue
      const columns = await page.locator('thead th').evaluateAll((all) => all.map((one) => one.clientWidth))
      t.equal(Math.max(...columns), columns[1], where)
    }
  }
})
