import { day } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SeenStatus } from '../contract.ts'
import { type PageName, pageNames, pageTitles, readAddress, titleOf } from './model/address.ts'
import { Alerts } from './pages/alerts.tsx'
import { Audit } from './pages/audit.tsx'
import { Codes } from './pages/codes.tsx'
import { Machines } from './pages/machines.tsx'
import { NewCode } from './pages/new-code.tsx'
import { Nodes } from './pages/nodes.tsx'
import { Pictures } from './pages/pictures.tsx'
import { Servers } from './pages/servers.tsx'
import { asking, Waiting } from './pages/waiting.tsx'
import { ActDialog } from './parts/act-dialog.tsx'
import { Button } from './parts/button.tsx'
import { Dialog } from './parts/dialog.tsx'
import { Icon } from './parts/icon.tsx'
import { Name } from './parts/name.tsx'
import { Note, Trouble } from './parts/note.tsx'
import { Moment, Text } from './parts/text.tsx'
import { rarely, useAnswer } from './state/answer.ts'
import { signsAreKeys, switchKeys, useKeys } from './state/keys.ts'
import { counts, type Link, link } from './state/link.ts'
import { go, goTo, linkTo, place } from './state/place.ts'
import { focusSearch, wantsSearch } from './state/search.ts'
import { client, session } from './state/session.ts'
import { chooseTheme, theme, themes } from './state/theme.ts'
import { dismiss, say, spoken, tidings } from './state/tidings.ts'

const pages: Record<PageName, () => ComponentChildren> = {
  waiting: () => <Waiting />,
  machines: () => <Machines />,
  codes: () => (place.value.open === 'new' ? <NewCode /> : <Codes />),
  nodes: () => <Nodes />,
  alerts: () => <Alerts />,
  audit: () => <Audit />,
  servers: () => <Servers />,
  pictures: () => <Pictures />
}

export const App = () => {
  const { page } = place.value
  const [help, setHelp] = useState(false)
  useKeys({
    '?': () => setHelp(true),
    '/': () => {
      if (focusSearch()) return
      wantsSearch.value = true
      goTo('machines')
    }
  })
  useTitle()
  useLinks()
  useSpoken()
  useFocusOfPage(page)
  return (
    <div class="app">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Side onHelp={() => setHelp(true)} />
      <main id="main" tabIndex={-1}>
        <Banner />
        {pages[page]()}
      </main>
      <ActDialog />
      {help && <Help onClose={() => setHelp(false)} />}
      <Tidings />
      <p class="hidden" role="status" aria-live="polite">
        {spoken.value}
      </p>
    </div>
  )
}

const useLinks = (): void => {
  useEffect(() => {
    document.addEventListener('click', stay)
    return () => document.removeEventListener('click', stay)
  }, [])
}

/** A plain click on a link of the console changes the page without loading it again. */
const stay = (event: MouseEvent): void => {
  const { target, button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event
  if (defaultPrevented || button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return
  const anchor = target instanceof Element ? target.closest('a') : null
  if (anchor === null || anchor.origin !== location.origin || anchor.hasAttribute('download') || anchor.target !== '')
    return
  if (anchor.getAttribute('href')?.startsWith('#')) return
  event.preventDefault()
  go(readAddress(anchor))
}

const countOf = (states: string): number =>
  states.split(',').reduce((sum, state) => sum + (counts.value?.[state as keyof typeof counts.value] ?? 0), 0)

const useTitle = (): void => {
  const { page } = place.value
  const waiting = countOf(asking)
  const title = titleOf(page, waiting, session.value)
  useEffect(() => {
    document.title = title
  }, [title])
}

/** Says how many machines wait, when it changes. */
const useSpoken = (): void => {
  const waiting = countOf(asking)
  const known = counts.value !== undefined
  const first = useRef(true)
  useEffect(() => {
    if (!known) return
    if (!first.current) say(waiting === 1 ? 'One machine waits for you' : `${waiting} machines wait for you`)
    first.current = false
  }, [known, waiting])
}

/** After a change of the page the keyboard goes on at its heading. */
const useFocusOfPage = (page: PageName): void => {
  const before = useRef(page)
  useEffect(() => {
    if (before.current === page) return
    before.current = page
    // who asked for the search is there already
    if (document.activeElement?.id !== 'search') document.querySelector<HTMLElement>('main h1')?.focus()
  }, [page])
}

const Side = ({ onHelp }: { onHelp: () => void }) => {
  const { page } = place.value
  const status = useAnswer('status', () => client.status(), rarely).value.value
  const alerts = (status?.alerts?.count ?? 0) + (status?.remedies?.length ?? 0)
  const isRecent = status !== undefined && isOfToday(status)
  const waiting = countOf(asking)
  const pill = (name: PageName): ComponentChildren => {
    if (name === 'waiting' && waiting > 0) return <Pill tone="asks" count={waiting} of="waiting" />
    return name === 'alerts' && alerts > 0 ? <Pill tone={isRecent ? 'bad' : 'calm'} count={alerts} of="alerts" /> : null
  }
  return (
    <header class="side">
      <a class="brand" href={linkTo('waiting')}>
        <Logo />
        <span>
          <span class="product">Joinery</span>
          <About />
        </span>
      </a>
      <nav aria-label="Pages">
        <ul>
          {pageNames.map((name) => (
            <li key={name}>
              <a href={linkTo(name)} aria-current={name === page ? 'page' : undefined}>
                <Icon name={name} />
                <span>{pageTitles[name]}</span>
                {pill(name)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side-end">
        <Door cluster={status?.cluster.version} />
        <div class="side-tools">
          <ThemeChoice />
          <button type="button" class="button quiet small" onClick={onHelp} aria-keyshortcuts="?">
            <Icon name="help" />
            Keyboard
          </button>
        </div>
      </div>
    </header>
  )
}

/** True if something went wrong within a day, or is wrong now. What is older needs no alarm. */
const isOfToday = ({ alerts, remedies = [] }: SeenStatus): boolean =>
  remedies.length > 0 || Date.now() - Date.parse(alerts?.last[0]?.at ?? '') < day

const Pill = ({ tone, count, of }: { tone: 'asks' | 'bad' | 'calm'; count: number; of: string }) => (
  <span class={`pill ${tone}`}>
    {count > 999 ? '999+' : count}
    <span class="hidden"> {of}</span>
  </span>
)

const Logo = () => (
  <svg class="logo" width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
    <rect width="28" height="28" rx="6" fill="var(--accent-fill)" />
    <path
      d="M6 9h7v3.500h3V9h6v10h-6v-3.500h-3V19H6z"
      fill="none"
      stroke="#fff"
      stroke-width="2"
      stroke-linejoin="round"
    />
  </svg>
)

/** The cluster that the page is about. */
const About = () => {
  if (session.value === undefined) return null
  const { name, door } = session.value
  return (
    <>
      <strong>
        <Name of={name} />
      </strong>
      {door.to === 'cluster' && <Name of={door.server} />}
    </>
  )
}

const Door = ({ cluster }: { cluster: string | undefined }) => {
  const about = session.value
  const state = link.value.state
  const away = standsBy(link.value) ? 'Server stands by' : 'Server away'
  const live = { connecting: 'Connecting…', live: 'Live', away, lost: 'Console away', ended: 'Ended' }[state]
  return (
    <div class="door">
      <p class={`live ${state}`}>
        <span class="live-dot" aria-hidden="true" />
        {live}
      </p>
      {about !== undefined && (
        <>
          {about.door.to === 'socket' ? <p title={about.door.path}>as root, by the socket</p> : <p>by Kubernetes</p>}
          {cluster !== undefined && (
            <p class="cut" title={cluster}>
              Kubernetes <Text of={cluster} />
            </p>
          )}
          {about.who !== undefined && (
            <p>
              <Name of={about.who} />
            </p>
          )}
        </>
      )}
    </div>
  )
}

const themeIcons = { system: 'screen', light: 'sun', dark: 'moon' } as const

const ThemeChoice = () => (
  <fieldset class="theme">
    <legend class="hidden">Colours</legend>
    {themes.map((which) => (
      <label key={which} title={which} class={theme.value === which ? 'chosen' : ''}>
        <input type="radio" name="theme" checked={theme.value === which} onChange={() => chooseTheme(which)} />
        <Icon name={themeIcons[which]} />
        <span class="hidden">{which}</span>
      </label>
    ))}
  </fieldset>
)

/** True if the server answers that another one is the active one. */
const standsBy = (state: Link): boolean => state.state === 'away' && state.problem.code === 'not-active'

/** Says that what the page shows is old. */
const Banner = () => {
  const state = link.value
  if (state.state === 'connecting' || state.state === 'live') return null
  if (state.state === 'away' && standsBy(state))
    return (
      <div class="banner">
        <Note tone="asks" role="alert" title="This pairing server stands by.">
          <p>
            It knows nothing of machines: <Text of={state.problem.detail} />. <a href={linkTo('servers')}>Servers</a>{' '}
            shows all of them. The page goes on by itself when this one is active.
          </p>
        </Note>
      </div>
    )
  if (state.state === 'away')
    return (
      <div class="banner">
        <Note tone="asks" role="alert" title="The pairing server does not answer.">
          <p>
            What you see is as old as <Moment of={state.since} />. The page goes on by itself when it answers again.
            {state.problem.detail && (
              <>
                {' '}
                <Text of={state.problem.detail} />
              </>
            )}
          </p>
        </Note>
      </div>
    )
  if (state.state === 'lost')
    return (
      <div class="banner">
        <Note tone="asks" role="alert" title="The console does not answer.">
          <p>
            What you see is as old as <Moment of={state.since} />. Look at the terminal in which{' '}
            <code>joinery console</code> runs. The page tries again by itself.
          </p>
        </Note>
      </div>
    )
  return (
    <div class="banner">
      <Note tone="bad" role="alert" title="This console has ended.">
        <p>
          <Text of={state.reason} /> Start another one: <code>joinery console</code>
        </p>
      </Note>
    </div>
  )
}

const Tidings = () => (
  <div class="tidings" role="log" aria-live="polite" aria-label="News">
    {tidings.value.map(({ id, tone, ...words }) => (
      <div key={id} class="tiding">
        {tone === 'bad' ? <Trouble words={words} /> : <Note tone="good" title={<Text of={words.title} />} />}
        <button type="button" class="button quiet small" aria-label="Dismiss" onClick={() => dismiss(id)}>
          <Icon name="close" />
        </button>
      </div>
    ))}
  </div>
)

const keys: readonly [string[], string][] = [
  [['j', '↓'], 'next machine'],
  [['k', '↑'], 'previous machine'],
  [['x'], 'select the machine'],
  [['a'], 'approve what is selected, or the open machine'],
  [['Esc'], 'close the details, or clear the selection'],
  [['/'], 'search'],
  [['?'], 'this help']
]

const Help = ({ onClose }: { onClose: () => void }) => (
  <Dialog title="Keyboard" onClose={onClose} onSubmit={onClose} buttons={<Button type="submit">Close</Button>}>
    <dl class="key-help">
      {keys.map(([names, words]) => (
        <div key={words}>
          <dt>
            {names.map((name) => (
              <kbd key={name}>{name}</kbd>
            ))}
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
    <label class="tick">
      <input
        type="checkbox"
        checked={signsAreKeys.value}
        onChange={({ currentTarget }) => switchKeys(currentTarget.checked)}
      />
      <span>Keys of a single letter are on</span>
    </label>
  </Dialog>
)
