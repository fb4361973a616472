import { render } from 'preact'
import { consoleClient } from '../client.ts'
import './page.css'

const client = consoleClient()
const page = document.getElementById('page')
if (page !== null) {
  client.session().then(
    ({ name }) => render(<h1>{name}</h1>, page),
    (error: Error) => render(<p role="alert">{error.message}</p>, page)
  )
}
