/**
 * Mark in the description of a command or of a configuration key that is beta. One without it is stable.
 * docs/reference/levels.md says what that promises, and is made from these marks.
 */
export const beta = '(beta)'
