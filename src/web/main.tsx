import { render } from "preact";
import { tryOfferedTokens } from "./api/try-token.ts";
import { App } from "./app.tsx";
import { showHiddenCharacters } from "./parts/visible-text.ts";
import "./styles/page.css";
import "./styles/forced-colours.css";

tryOfferedTokens();
showHiddenCharacters();
const place = document.getElementById("page");
if (place !== null) render(<App />, place);
