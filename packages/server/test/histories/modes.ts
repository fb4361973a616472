/** What beside faults happens in a history. `hands`: somebody edits the log's documents. `restore`: etcd is put back. */
export const modes = ['plain', 'hands', 'restore'] as const
export type Mode = (typeof modes)[number]

/** The mode of the history with this seed: the seed alone says which history it is. */
export const modeOf = (seed: number): Mode => modes[seed % modes.length] as Mode
