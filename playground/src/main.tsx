// The entry of the playground: mounts it into the page.

import 'graphiql/setup-workers/vite'
// The parts of graphiql/style.css without its fonts, which are three quarters of it.
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import '@graphiql/plugin-explorer/style.css'
import './playground.css'
import './narrow.css'
import { createRoot } from 'react-dom/client'
import { Playground } from './playground.tsx'

createRoot(document.getElementById('root')!).render(<Playground />)
