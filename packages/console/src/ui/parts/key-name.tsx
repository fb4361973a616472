/** The name of a key, for the eye: a screen reader has it from `aria-keyshortcuts`. */
export const KeyName = ({ of }: { of: string }) => (
  <span class="key-name" aria-hidden="true">
    {of}
  </span>
)
