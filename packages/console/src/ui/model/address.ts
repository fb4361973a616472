import { escapeText } from '@joinery/protocol/browser'
import type { ConsoleSession } from '../../contract.ts'

/** The pages of the console, in the order of the navigation. The first one is the home. */
export const pageNames = ['waiting', 'machines', 'codes', 'nodes', 'alerts', 'audit', 'servers', 'pictures'] as const
export type PageName = (typeof pageNames)[number]

export const pageTitles: Record<PageName, string> = {
  waiting: 'Waiting for you',
  machines: 'Machines',
  codes: 'Codes',
  nodes: 'Nodes',
  alerts: 'Alerts',
  audit: 'Audit',
  servers: 'Servers',
  pictures: 'Pictures'
}

/** Title of the tab that shows a page. What differs from another console comes first, because a tab shows only the beginning. */
export const titleOf = (
  page: PageName,
  waiting: number,
  about: Pick<ConsoleSession, 'name' | 'door'> | undefined
): string => {
  const title = pageTitles[page]
  const count = waiting > 0 ? `(${waiting}) ` : ''
  if (about === undefined) return `${count}${title} · Joinery`
  const { name, door } = about
  return `${count}${[name, title, ...(door.to === 'cluster' ? [door.server] : [])].map(escapeText).join(' · ')}`
}

/**
 * Everything that a link to the console says. `open`: the thing whose details are shown, such as a machine's id, or `new` for the
 * wizard of codes. `chosen`: ids that are selected. Filters that are absent let everything pass.
 */
export interface Address {
  page: PageName
  open?: string
  chosen: string[]
  state?: string
  role?: string
  code?: string
  text?: string
}

const filters = ['state', 'role', 'code', 'text'] as const
export type Filter = (typeof filters)[number]

/** Most ids that a link can carry: browsers and proxies cut what is longer. */
export const chosenAtMost = 200

/** Longest text of a filter in a link. */
const longest = 253

const isPage = (text: string): text is PageName => (pageNames as readonly string[]).includes(text)

/** The address of a link. What is not understood is left out: an old link shows the page without it. */
export const readAddress = (url: Pick<URL, 'pathname' | 'search'>): Address => {
  const [first = '', second] = url.pathname.split('/').filter(Boolean).map(plain)
  const query = new URLSearchParams(url.search)
  const chosen = (query.get('selected') ?? '').split(',').filter(Boolean)
  const address: Address = {
    page: isPage(first) ? first : pageNames[0],
    chosen: [...new Set(chosen)].slice(0, chosenAtMost)
  }
  if (isPage(first) && second) address.open = second
  for (const filter of filters) {
    const value = query.get(filter)?.slice(0, longest)
    if (value) address[filter] = value
  }
  return address
}

const plain = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** The link of an address: the same address always has the same link. */
export const writeAddress = (address: Address): string => {
  const { page, open, chosen } = address
  const query = new URLSearchParams()
  for (const filter of filters) {
    const value = address[filter]
    if (value) query.set(filter, value)
  }
  if (chosen.length > 0) query.set('selected', chosen.slice(0, chosenAtMost).join(','))
  const path = `/${page}${open === undefined ? '' : `/${encodeURIComponent(open)}`}`
  // commas and colons may stand in a query: a link is for people too
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? path : `${path}?${text}`
}

/** The address after a filter was set, or removed. What was open or selected under another filter is not any more. */
export const filtered = (address: Address, filter: Filter, value: string | undefined): Address => {
  const kept: Address = { page: address.page, chosen: [] }
  for (const name of filters) {
    const given = name === filter ? value : address[name]
    if (given) kept[name] = given
  }
  return kept
}
