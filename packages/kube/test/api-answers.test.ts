import t from 'tap'
import type { Dispatcher } from 'undici'
import { ApiAnswers, both } from '../src/api-answers.ts'

type Handler = Dispatcher.DispatchHandler

/** A dispatch whose answer the test gives by the handler. */
const dispatched = (noting: Dispatcher.DispatcherComposeInterceptor, handler: Handler = {}): Handler => {
  let seen: Handler = {}
  const dispatch = noting((_, inner) => {
    seen = inner
    return true
  })
  dispatch({ path: '/', method: 'GET' }, handler)
  return seen
}
const starts = (handler: Handler, status: number) => handler.onResponseStart?.({} as never, status, {}, '')
const fails = (handler: Handler) => handler.onResponseError?.({} as never, new Error('no answer'))

t.test('answers are counted by their status and by the time until their headers', async (t) => {
  let now = 0
  const answers = new ApiAnswers(() => now)
  const heard: string[] = []
  const handler = {
    onResponseStart: () => void heard.push('start'),
    onResponseError: () => void heard.push('error')
  }
  starts(dispatched(answers.noting, handler), 200)
  t.same(answers.counts, { all: 1, slow: 0, refused: 0 })
  starts(dispatched(answers.noting, handler), 429)
  t.same(answers.counts, { all: 2, slow: 0, refused: 1 })
  const onTime = dispatched(answers.noting)
  now += 1_000
  starts(onTime, 503)
  t.same(answers.counts, { all: 3, slow: 0, refused: 1 }, 'a second is not slow')
  const late = dispatched(answers.noting)
  now += 1_001
  starts(late, 200)
  t.same(answers.counts, { all: 4, slow: 1, refused: 1 })
  now += 60_000
  fails(late)
  t.same(answers.counts, { all: 4, slow: 1, refused: 1 }, 'a watch that ends was counted')
  fails(dispatched(answers.noting, handler))
  t.same(answers.counts, { all: 4, slow: 1, refused: 1 }, 'a connection that is refused is no answer')
  const silent = dispatched(answers.noting)
  now += 10_000
  fails(silent)
  t.same(answers.counts, { all: 5, slow: 2, refused: 1 }, 'no answer in time is a slow one')
  t.same(heard, ['start', 'start', 'error'], 'the caller hears as before')
})

t.test('two listeners hear of the same request', async (t) => {
  const [one, other] = [new ApiAnswers(), new ApiAnswers()]
  starts(dispatched(both(one, other).noting), 429)
  t.match([one.counts, other.counts], [{ refused: 1 }, { refused: 1 }])
})
