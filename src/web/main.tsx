import { render } from "preact";
import { App } from "./app.tsx";
import { showHiddenCharacters } from "./parts/visible-text.ts";
import "./styles/page.css";
import "./styles/forced-colours.css";

showHiddenCharacters();
const place = document.getElementById("page");
if (place !== null) render(<App />, place);
