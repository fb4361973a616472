import { text } from 'node:stream/consumers'
import { openPage, startBrowser } from '../../console/browser.ts'

/**
 * A visit of a person to a console, in a browser of their own: run inside the bed, where the console listens. Standard input: one JSON
 * order; standard output: what the person saw, as one JSON.
 */
export interface Order {
  /** One-time link of the console. */
  link: string
  /** Name of the machine that waits. */
  machine: string
  /** True if the person approves the machine, if the page lets them. */
  approves: boolean
  /** Begin of the paths of the pictures. */
  pictures: string
}

export interface Seen {
  /** Groups of the key that a person compares. */
  key: string
  /** Text about the door: the user's name is in it. */
  door: string
  /** True if the page lets the person approve. */
  mayApprove: boolean
  /** The sentence about missing rights. Empty if there is none. */
  lacking: string
  /** The message after the approval. Empty without an approval. */
  told: string
  /** Everything that went wrong on the page, a breach of its CSP too. */
  errors: string[]
}

const { link, machine, approves, pictures } = JSON.parse(await text(process.stdin)) as Order

const visit = async (browser: Awaited<ReturnType<typeof startBrowser>>): Promise<Seen> => {
  const { page, errors } = await openPage(browser)
  const keep = (name: string) => page.screenshot({ path: `${pictures}-${name}.png` })
  await page.goto(link)
  await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
  await page.getByRole('link', { name: machine, exact: true }).click()
  const detail = page.locator('.detail')
  const approve = detail.getByRole('button', { name: 'Approve' })
  await approve.waitFor()
  const key = (await detail.locator('.compared').first().innerText()).split(/\s+/).join('-')
  const door = await page.locator('.door').innerText()
  await keep('evidence')
  const mayApprove = (await approve.getAttribute('aria-disabled')) !== 'true'
  const lacking = (await detail.locator('.lacking').allInnerTexts()).join(' ')
  const seen = { key, door, mayApprove, lacking, told: '', errors }
  if (!approves || !mayApprove) return seen
  await approve.click()
  await page
    .getByRole('dialog', { name: `Approve ${machine}` })
    .getByRole('button', { name: 'Approve' })
    .click()
  const message = page.locator('.tiding').first()
  // before the picture, which may take as long as the message stays
  const told = await message.innerText()
  await keep('approved')
  return { ...seen, told }
}

const browser = await startBrowser()
try {
  console.log(JSON.stringify(await visit(browser)))
} finally {
  await browser.close()
}
process.exit(0)
