// The entry of the playground: mounts it into the page.

import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'
import { createRoot } from 'react-dom/client'
import { Playground } from './playground.tsx'

createRoot(document.getElementById('root')!).render(<Playground />)
