global using Rookery.Tests;
