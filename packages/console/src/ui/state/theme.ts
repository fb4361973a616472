import { signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'joinery-theme'

const kept = (): Theme => {
  try {
    const found = localStorage.getItem(place)
    return themes.find((theme) => theme === found) ?? 'system'
  } catch {
    return 'system'
  }
}

export const theme = signal<Theme>(kept())

const show = (which: Theme): void => {
  if (which === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = which
}

/** Chooses a theme, and keeps the choice for the next time. */
export const chooseTheme = (which: Theme): void => {
  theme.value = which
  show(which)
  try {
    localStorage.setItem(place, which)
  } catch {
    // a browser that keeps nothing asks again
  }
}

show(theme.peek())
