import packageJson from '../package.json' with { type: 'json' }

/** How pnpm is run in a checkout, with nothing installed but Node. */
export const pnpm = `npx -y ${packageJson.packageManager}`

/** The operator's command, as it is typed in a second terminal in the checkout. */
export const joineryAt =
  (socket: string) =>
  (words: string): string =>
    `${pnpm} --silent joinery --socket ${socket} ${words}`
