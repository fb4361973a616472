import { render } from 'preact'
import { App } from './app.tsx'
import { openStream } from './state/link.ts'
import { readSession, wordsOf } from './state/session.ts'
import { tell } from './state/tidings.ts'
import './style/tokens.css'
import './style/frame.css'
import './style/parts.css'
import './style/lists.css'
import './style/detail.css'
import './style/pages.css'

const page = document.getElementById('page')
page?.replaceChildren()
if (page !== null) render(<App />, page)

readSession().catch((error: unknown) => tell('bad', wordsOf(error)))
openStream()
