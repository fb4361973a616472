import type { History } from '../history.ts'

/** Nothing that the cluster or the disk does ends the server. */
export const serverStaysUp = ({ ends }: History): string[] => [...ends]
