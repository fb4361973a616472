import { computed, signal } from '@preact/signals'
import { type Address, type Filter, filtered, type PageName, readAddress, writeAddress } from '../model/address.ts'

const here = signal(location.pathname + location.search)

/** The address that the browser shows. */
export const place = computed(() => readAddress(new URL(here.value, location.origin)))

addEventListener('popstate', () => {
  here.value = location.pathname + location.search
})

/** Goes to an address. `replace`: without a step of the browser's history, for what changes often. */
export const go = (to: Address, replace = false): void => {
  const url = writeAddress(to)
  if (url === location.pathname + location.search) return
  if (replace) history.replaceState(null, '', url)
  else history.pushState(null, '', url)
  here.value = url
}

export const goTo = (page: PageName, more: Partial<Address> = {}): void => go({ page, chosen: [], ...more })

/** Opens a thing on the present page, or closes it. */
export const open = (what: string | undefined, replace = false): void => {
  const { open: _, ...rest } = place.peek()
  go(what === undefined ? rest : { ...rest, open: what }, replace)
}

export const choose = (chosen: string[]): void => go({ ...place.peek(), chosen }, true)

export const filter = (name: Filter, value: string | undefined, replace = false): void =>
  go(filtered(place.peek(), name, value), replace)

/** The link to an address, for an `<a>` that people can open in another window. */
export const linkTo = (page: PageName, more: Partial<Address> = {}): string =>
  writeAddress({ page, chosen: [], ...more })
