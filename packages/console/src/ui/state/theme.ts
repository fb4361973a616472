import { signal } from '@preact/signals'
import { keep, kept } from './kept.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'joinery-theme'

export const theme = signal<Theme>(themes.find((theme) => theme === kept(place)) ?? 'system')

const show = (which: Theme): void => {
  if (which === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = which
}

/** Chooses a theme, and keeps the choice for the next time. */
export const chooseTheme = (which: Theme): void => {
  theme.value = which
  show(which)
  keep(place, which)
}

show(theme.peek())
