import { keyGroups } from '../model/key-groups.ts'
import { Copy } from './button.tsx'

/** A key in its long form. The first five groups are those that the machine's console shows. */
export const Fingerprint = ({ of, small = false }: { of: string; small?: boolean }) => {
  const { compared, rest } = keyGroups(of)
  if (compared.length === 0) return <span class="muted">no key: it joins without an agent</span>
  return (
    <div class={small ? 'fingerprint small' : 'fingerprint'}>
      <p class="groups">
        <span class="compared">
          {compared.map((group, place) => (
            <span key={place}>{group}</span>
          ))}
        </span>
        <span class="rest">
          {rest.map((group, place) => (
            <span key={place}>{group}</span>
          ))}
        </span>
      </p>
      {!small && <Copy text={of} label="Copy key" />}
    </div>
  )
}
