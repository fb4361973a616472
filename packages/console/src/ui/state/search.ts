import { signal } from '@preact/signals'

/** True while somebody has asked for the search of a page that is not there yet. */
export const wantsSearch = signal(false)

/** Puts the keyboard into the search. False if the page has none. */
export const focusSearch = (): boolean => {
  const search = document.querySelector<HTMLInputElement>('#search')
  search?.focus()
  search?.select()
  return search !== null
}
