export { concerns, type LogoutSubject } from './BrowserSessions.ts';
export { OidcLogin, type OidcConfig, type OidcLoginEvents, type OidcLoginOptions } from './OidcLogin.ts';
export { loginPath } from './returnPath.ts';
