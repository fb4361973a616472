import type { ComponentChildren } from 'preact'
import { conditionLook, type Look, stateLook, verdictLook } from '../model/looks.ts'

const shapes: Record<Look['shape'], string> = {
  dot: 'M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
  ring: 'M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm0 2a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  half: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 4v8a4 4 0 0 0 0-8Z',
  check: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM7.1 11L4.3 8.2l1.2-1.2 1.6 1.6 3.5-3.6L11.8 6.200Z',
  cross:
    'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.800ZM5.300 6.400L6.400 5.300 8 6.900 9.600 5.300 10.700 6.400 9.100 8 10.700 9.600 9.600 10.700 8 9.100 6.400 10.700 5.300 9.600 6.900 8Z',
  hand: 'M8 1.200L15 14H1ZM7.300 5.800V10h1.400V5.800ZM7.300 11.200v1.400h1.400v-1.400Z',
  snow: 'M3 2h3.500v12H3ZM9.500 2H13v12H9.500Z'
}

/** The shape of a look, in its tone. The word beside it says the same. */
export const Mark = ({ look }: { look: Look }) => (
  <svg class={`mark tone-${look.tone}`} width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
    <path d={shapes[look.shape]} fill="currentColor" fill-rule="evenodd" />
  </svg>
)

export const Sign = ({ look, children }: { look: Look; children: ComponentChildren }) => (
  <span class={`sign tone-${look.tone}`}>
    <Mark look={look} />
    <span>{children}</span>
  </span>
)

export const StateSign = ({ state }: { state: string }) => <Sign look={stateLook(state)}>{state}</Sign>

export const VerdictSign = ({ verdict }: { verdict: string }) => <Sign look={verdictLook(verdict)}>{verdict}</Sign>

export const ConditionSign = ({ condition }: { condition: string }) => (
  <Sign look={conditionLook(condition)}>{condition === 'NotReady' ? 'Not Ready' : condition}</Sign>
)
