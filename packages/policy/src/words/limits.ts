/** Bounds of a policy: of what is read, and of what goes into a rule. docs/reference/policy.md has them. */
export const limits = {
  /** Bytes of the file. */
  file: 256 * 1024,
  /** Bytes of the file of one inventory. */
  inventoryFile: 1024 * 1024,
  inventories: 32,
  /** Values of one inventory. */
  values: 10_000,
  /** Characters of one of these. */
  value: 253,
  rules: 100,
  /** Characters of an expression. */
  expression: 4096,
  /** Depth of an expression: operators and calls within one another. */
  depth: 100,
  /** Characters of a text that goes into a rule. */
  text: 512,
  /** Items of a list that goes into a rule. */
  items: 128,
  /** Milliseconds to evaluate one rule. */
  evaluation: 100,
  /** Milliseconds to compile one rule. */
  compilation: 5000
} as const
