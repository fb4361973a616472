interface Environment {
  NO_COLOR?: string | undefined
  FORCE_COLOR?: string | undefined
  TERM?: string | undefined
}

/**
 * True if output may have colours. NO_COLOR (no-color.org) wins over FORCE_COLOR, and both win over the kind of
 * output. An empty variable counts as not set.
 */
export const wantsColour = ({ NO_COLOR, FORCE_COLOR, TERM }: Environment, isTTY: boolean | undefined): boolean => {
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return isTTY === true && TERM !== 'dumb'
}
