import { escapeText } from '@joinery/protocol/browser'
import type { Progress } from '../model/join-progress.ts'

/** A bar with a part for each stage of a join. */
export const StageBar = ({ progress, words = true }: { progress: Progress; words?: boolean }) => {
  const { done, of, known, text } = progress
  const said = escapeText(text)
  return (
    <div class="stage">
      <div
        class={known ? 'stage-bar' : 'stage-bar unknown'}
        role="progressbar"
        aria-label="Stage of the join"
        aria-valuemin={0}
        aria-valuemax={of}
        {...(known ? { 'aria-valuenow': done } : {})}
        aria-valuetext={known ? `${done} of ${of}: ${said}` : said}
      >
        {Array.from({ length: of }, (_, place) => (
          <span key={place} class={place < done ? 'done' : place === done ? 'next' : ''} />
        ))}
      </div>
      {words && (
        <span class="stage-words" title={said}>
          {said}
        </span>
      )}
    </div>
  )
}
