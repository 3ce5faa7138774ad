import { render } from 'preact';
import { App } from './App.tsx';
import { readLink } from './link.ts';

const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no element #page');
render(<App link={readLink(new URL(location.href))} />, place);
