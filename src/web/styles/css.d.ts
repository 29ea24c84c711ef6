// Vite makes a file of the page of an imported style sheet.
declare module "*.css";
