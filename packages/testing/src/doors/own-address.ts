import { randomInt } from 'node:crypto'

/** A loopback address that no other test has: any port of it can be listened on. */
export const ownAddress = (): string => `127.${[1, 2, 3].map(() => randomInt(1, 255)).join('.')}`
